package plugin

import (
	"fmt"
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
