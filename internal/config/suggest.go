package config

import (
	"fmt"
	"strings"
)

// suggest is the end of a warning about an unknown key.
func suggest(key string) string {
	if s := nearest(key); s != nil {
		return fmt.Sprintf("; did you mean %q?", s.name)
	}
	return ""
}

// nearest is the setting whose name is most similar to the key, nil if none is similar.
func nearest(key string) *setting {
	key = strings.ToLower(strings.ReplaceAll(key, "_", "-"))
	best, limit := (*setting)(nil), max(2, len(key)/4)+1
	for i := range settings {
		s := &settings[i]
		if d := distance(key, s.name); d < limit && d < len(s.name)/2 && s.aliasOf == "" {
			best, limit = s, d
		}
	}
	return best
}

// distance is how many bytes must be added, removed or replaced to get from a to b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
