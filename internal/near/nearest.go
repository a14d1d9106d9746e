package near

import (
	"cmp"
	"slices"
	"strings"
)

// maxKey is the longest key that is compared with others: the cost grows with its length.
const maxKey = 64

// Nearest returns the known key that the author of key probably meant, "" if none is similar.
func Nearest(key string, known []string) string {
	if len(key) > maxKey || len(known) == 0 {
		return ""
	}
	distance := func(k string) int { return Distance(plain(key), plain(k)) }
	best := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	// Two typos are accepted, but only one in a short word.
	if distance(best) <= min(2, len(best)/3) {
		return best
	}
	return ""
}

// plain removes from a key the differences of form that people mistake.
func plain(key string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(key))
}
