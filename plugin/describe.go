package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Describer is implemented by executors that describe their configuration. The API serves the description; the page's
// form and the guide's table of keys are made from it; keys that it lacks cause a warning.
type Describer interface {
	// Describe returns a JSON Schema of ExecuteRequest.Config, as Schema.JSON makes it: an object whose values are
	// strings. It returns the same text on each call. As data, it can come from another process.
	Describe() json.RawMessage
}

// Checker is implemented by executors that can find faults in a configuration before it is used.
type Checker interface {
	// Check returns the problems of a configuration. It depends only on config, so that every server gets the same
	// result. The caller reports keys that the executor does not describe.
	Check(config map[string]string) []Problem
}

// Schema describes an executor. JSON converts it to JSON Schema.
type Schema struct {
	Description string // one sentence: what the executor does
	Properties  []Property
}

// Property describes a key of a configuration. Its JSON is a subset of JSON Schema, draft 2020-12. Every value is a
// string: Format gives its content, or ContentMediaType and ContentSchema do for JSON within the string.
type Property struct {
	Name string `json:"-"`
	// Required means that executions without the key fail.
	Required bool `json:"-"`

	Title       string `json:"title"`       // the label of its field: a noun in sentence case, without a full stop
	Description string `json:"description"` // one or two sentences, as plain text
	// Default is the value that a missing key means. It is empty if no value means the same; Description then says what
	// applies.
	Default  string   `json:"default,omitempty"`
	Examples []string `json:"examples,omitempty"` // a form offers all of them
	Enum     []string `json:"enum,omitempty"`     // the only values
	Format   Format   `json:"format,omitempty"`

	ContentEncoding  string   `json:"contentEncoding,omitempty"`  // base64
	ContentMediaType string   `json:"contentMediaType,omitempty"` // application/json
	ContentSchema    *Content `json:"contentSchema,omitempty"`

	// Role says what else uses the key: one launch can have another environment or payload than the job.
	Role Role `json:"x-role,omitempty"`

	// Advanced marks a key that few need: a form hides it until it has a value.
	Advanced bool `json:"x-advanced,omitempty"`
}

// Role is what a key means to those who start a launch that differs from its job. An executor has at most one key of each.
type Role string

const (
	// Environment is a list of variables, NAME=value, separated by commas; \, is a comma within a value. Of two entries
	// with one name the later one counts.
	Environment Role = "environment"
	// Payload is what the executor passes on: a command's standard input, a request's body. ContentEncoding applies.
	Payload Role = "payload"
)

// Format is how the text of a value is written. Password is a format of OpenAPI; the others are our own, and tools that
// do not know them ignore them.
type Format string

const (
	Line      Format = ""            // one line of text
	Multiline Format = "multiline"   // text of several lines
	Password  Format = "password"    // a secret: a form hides it, and nothing may log it
	Boolean   Format = "boolean"     // a word of strconv.ParseBool
	Flag      Format = "flag"        // any text means yes
	Integer   Format = "integer"     // decimal digits, perhaps with a sign
	Duration  Format = "go-duration" // such as 1h30m; JSON Schema's own "duration" is another notation
)

// Content is the schema of JSON within a string. Forms have fields for Lines and Pairs.
type Content struct {
	Type                 string   `json:"type"`
	Items                *Content `json:"items,omitempty"`
	AdditionalProperties *Content `json:"additionalProperties,omitempty"`
}

// MediaJSON is the ContentMediaType of JSON within a string.
const MediaJSON = "application/json"

// Lines is the schema of a JSON array of strings.
func Lines() *Content { return &Content{Type: "array", Items: &Content{Type: "string"}} }

// Pairs is the schema of a JSON object whose values are strings.
func Pairs() *Content {
	return &Content{Type: "object", AdditionalProperties: &Content{Type: "string"}}
}

// JSON returns the JSON Schema, with its properties in the order of Properties: that of the form and of the guide.
func (s Schema) JSON() json.RawMessage {
	var required []string
	for _, p := range s.Properties {
		if p.Required {
			required = append(required, p.Name)
		}
	}
	text, err := json.Marshal(struct {
		Schema      string     `json:"$schema"`
		Description string     `json:"description"`
		Type        string     `json:"type"`
		Properties  properties `json:"properties"`
		Required    []string   `json:"required,omitempty"`
	}{"https://json-schema.org/draft/2020-12/schema", s.Description, "object", s.Properties, required})
	if err != nil {
		panic(fmt.Sprintf("plugin: a schema of texts can't be encoded: %v", err))
	}
	return text
}

// properties is encoded as an object in this order.
type properties []Property

// MarshalJSON returns the object.
func (p properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, property := range p {
		name, err := json.Marshal(property.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(struct {
			Type string `json:"type"`
			Property
		}{"string", property})
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
