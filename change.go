package dkron

import (
	"maps"
	"slices"
	"strings"

	"dkron/internal/codec"
)

// Change is how one launch differs from its job's definition. It is recorded with the launch, and whoever may read the
// launch can read it. All executions of the launch use it, retries included.
type Change struct {
	Env     map[string]string // added to the job's environment; a name that the job sets gets this value
	Payload *Payload          // replaces the job's payload; nil keeps it
}

// Payload is what an executor passes on: the standard input of a command, the body of a request.
type Payload struct{ Text string }

// Limits of a change. It is stored with its launch, and read with every list that the launch is in.
const (
	MaxEnv      = 100     // variables
	MaxEnvBytes = 8 << 10 // names and values together
	MaxPayload  = 16 << 10
)

// Fields describes the wire form.
func (c *Change) Fields(w *codec.Wire) {
	w.Map(1, &c.Env)
	codec.Optional(w, 2, &c.Payload)
}

// Fields describes the wire form.
func (p *Payload) Fields(w *codec.Wire) { w.String(1, &p.Text) }

// Empty reports whether nothing differs. A nil change is empty.
func (c *Change) Empty() bool { return c == nil || len(c.Env) == 0 && c.Payload == nil }

// Validate checks the names of variables, and the limits.
func (c *Change) Validate() error {
	if c.Empty() {
		return nil
	}
	if len(c.Env) > MaxEnv {
		return Invalid("env has %d variables, use at most %d", len(c.Env), MaxEnv)
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		value := c.Env[name]
		if err := validateVariable(name, value); err != nil {
			return err
		}
		size += len(name) + len(value)
	}
	if size > MaxEnvBytes {
		return Invalid("env has %d bytes of names and values, use at most %d", size, MaxEnvBytes)
	}
	if c.Payload != nil && len(c.Payload.Text) > MaxPayload {
		return Invalid("payload has %d bytes, use at most %d", len(c.Payload.Text), MaxPayload)
	}
	return nil
}

// validateVariable checks a variable. Its value may be a secret, so no error repeats it.
func validateVariable(name, value string) error {
	switch {
	case !variableName(name):
		return Invalid("env has a variable named %.64q; a name has letters, digits and _, and does not begin with a digit", name)
	case strings.ContainsRune(value, 0):
		return Invalid("env.%s has a zero byte, which no environment can hold", name)
	case strings.HasSuffix(value, `\`):
		return Invalid(`env.%s ends with a backslash, which a job's list of variables can't hold before its comma; add a character after it`, name)
	}
	return nil
}

func variableName(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != "" && len(name) <= 256
}
