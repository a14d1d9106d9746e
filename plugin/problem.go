package plugin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Severity says what becomes of a write whose configuration has a problem.
type Severity int

const (
	// Odd: executions do something else than it looks, or fail. The job is stored, with a warning.
	Odd Severity = iota
	// Hopeless: no execution can ever succeed. A job that is written is refused. One that comes from a backup or from an
	// earlier revision is stored, with a warning.
	Hopeless
	// Invalid: the form of the key is part of the public API, and whatever does not have it is refused at every write.
	Invalid
)

// Problem is something in a configuration that its author can hardly have meant.
type Problem struct {
	Key string
	// Text continues the key: what is wrong, what happens because of it, and what would be right. The text of an Invalid
	// problem is a sentence of its own. It repeats nothing that may be a secret.
	Text     string
	Severity Severity
}

// maxShown is how many bytes of a key or value a text repeats.
const maxShown = 64

// Shown returns a text as a problem may repeat it: in quotes, and not too long.
func Shown(text string) string {
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}

// UnknownKeys returns a problem for each key that is not among those that an executor knows.
func UnknownKeys(config map[string]string, known ...string) (problems []Problem) {
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if slices.Contains(known, key) {
			continue
		}
		text := "is unknown and ignored"
		if near := nearest(key, known); near != "" {
			text += "; did you mean " + near + "?"
		}
		problems = append(problems, Problem{Key: strings.Trim(Shown(key), `"`), Text: text})
	}
	return problems
}

// nearest returns the known key that somebody who wrote key may have meant, "" if none is near.
func nearest(key string, known []string) string {
	plain := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
	}
	if len(key) > maxShown {
		return ""
	}
	best := slices.MinFunc(known, func(a, b string) int {
		return cmp.Compare(distance(plain(key), plain(a)), distance(plain(key), plain(b)))
	})
	// Two slips of the finger, but in a short word only one.
	if distance(plain(key), plain(best)) <= min(2, len(best)/3) {
		return best
	}
	return ""
}

// distance is how many bytes must be added, removed or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
