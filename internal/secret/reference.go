package secret

import (
	"regexp"
	"slices"
	"strings"
)

// Kind is what a reference names.
type Kind string

// The kinds of references.
const (
	Stored Kind = "secret" // ${secret:NAME}: one in the replicated state
	Env    Kind = "env"    // ${env:NAME}: a variable of the process
	File   Kind = "file"   // ${file:/PATH}: a file of the machine
)

// Reference is one that a text has.
type Reference struct {
	Kind Kind
	Name string
	Text string // as it is written
}

// form is ${kind:name}. With one more $ before it, it is the text ${kind:name}.
var (
	form      = regexp.MustCompile(`\$?\$\{([a-z]*):([^{}]*)\}`)
	validName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
)

// Find returns what has the form of a reference, whether or not it can be one. What is escaped by $$ is left out.
func Find(text string) (found []Reference) {
	if !strings.Contains(text, "${") {
		return nil
	}
	for _, m := range form.FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[0], "$$") {
			found = append(found, Reference{Kind(m[1]), m[2], m[0]})
		}
	}
	return found
}

// Valid reports whether a reference can name something.
func (r Reference) Valid() bool {
	switch r.Kind {
	case Stored:
		return len(r.Name) <= 64 && validName.MatchString(r.Name)
	case Env:
		return r.Name != ""
	case File:
		return strings.HasPrefix(r.Name, "/")
	}
	return false
}

// Replace replaces the references of the given kinds by what value returns, and removes the $ that escapes one. All other text stays as
// it is.
func Replace(text string, value func(Reference) string, kinds ...Kind) string {
	if !strings.Contains(text, "${") {
		return text
	}
	return form.ReplaceAllStringFunc(text, func(found string) string {
		m := form.FindStringSubmatch(found)
		r := Reference{Kind(m[1]), m[2], m[0]}
		switch {
		case !r.Valid() || !slices.Contains(kinds, r.Kind):
			return found
		case strings.HasPrefix(found, "$$"):
			return found[1:]
		}
		return value(r)
	})
}
