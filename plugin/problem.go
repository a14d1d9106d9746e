package plugin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Severity says what happens to a write whose configuration has a problem.
type Severity int

const (
	// Odd: executions fail or do something else than they seem to. The job is stored, with a warning.
	Odd Severity = iota
	// Hopeless: no execution can ever succeed. A write of the job is refused; a restore from a backup or an earlier
	// revision stores it, with a warning.
	Hopeless
	// Invalid: the form of the key is part of the public API; any other form is refused at every write.
	Invalid
)

// Problem is something in a configuration that is probably a mistake.
type Problem struct {
	Key string
	// Text continues the key: what is wrong, what happens because of it, and what would be right. The text of an
	// Invalid problem is a whole sentence. It never includes a value that may be a secret.
	Text     string
	Severity Severity
}

// maxShown is how many bytes of a key or value appear in a text.
const maxShown = 64

// Shown returns a text in the form that a problem may include: quoted, and not too long.
func Shown(text string) string {
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}

// UnknownKeys returns a problem for each key of config that is not in known.
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

// nearest returns the known key that the author of key probably meant, "" if none is near.
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
	// Two typos are accepted, but only one in a short word.
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
