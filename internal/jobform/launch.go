package jobform

import (
	"encoding/json"
	"io"
	"maps"
	"slices"

	"dkron"
)

// Launch is what a client asks of a launch.
type Launch struct {
	Change       *dkron.Change // nil: as the job is defined
	WithChildren bool
}

// ReadLaunch reads the body of a request for a launch. A field that is left out, or null, does not change anything.
func ReadLaunch(body io.Reader) (*Launch, error) {
	object, err := ReadObject(body)
	if err != nil {
		return nil, err
	}
	out := &Launch{WithChildren: true}
	var change dkron.Change
	err = eachField(object, func(key string, value json.RawMessage) error {
		if string(value) == "null" {
			return nil
		}
		switch key {
		case "env":
			return readEnv(value, &change)
		case "payload":
			change.Payload = new(dkron.Payload)
			if json.Unmarshal(value, &change.Payload.Text) != nil {
				return dkron.Invalid("payload must be a text, not %s", describe(value))
			}
		case "with_children":
			if json.Unmarshal(value, &out.WithChildren) != nil {
				return dkron.Invalid("with_children must be true or false, not %s", describe(value))
			}
		default:
			return dkron.Invalid("%.64q is not a field of a launch; use env, payload and with_children", key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !change.Empty() {
		out.Change = &change
	}
	return out, out.Change.Validate()
}

func readEnv(value json.RawMessage, change *dkron.Change) error {
	var env map[string]json.RawMessage
	if json.Unmarshal(value, &env) != nil {
		return dkron.Invalid("env must be an object of texts, not %s", describe(value))
	}
	change.Env = make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		var text string
		if json.Unmarshal(env[name], &text) != nil || string(env[name]) == "null" {
			return dkron.Invalid("env.%.64s must be a text, not %s", name, describe(env[name]))
		}
		change.Env[name] = text
	}
	return nil
}
