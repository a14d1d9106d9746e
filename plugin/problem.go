package plugin

import (
	"fmt"
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
