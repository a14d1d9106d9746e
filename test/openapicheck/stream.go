package openapicheck

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/pb33f/jsonschema/v6"
	"github.com/pb33f/libopenapi-validator/router"
)

// checkStream checks the events of a stream, as far as it was read, against x-events.
func (c *Checker) checkStream(route *router.Route, status int, body []byte) error {
	at := []string{"paths", route.Path, strings.ToLower(route.Method), "responses", strconv.Itoa(status), "content", "text/event-stream", "x-events"}
	described, ok := c.at(at...).(map[string]any)
	if !ok {
		return fmt.Errorf("a stream is not described")
	}
	blocks := strings.Split(string(body), "\n\n")
	for _, block := range blocks[:len(blocks)-1] { // after the last empty line is an incomplete event
		kind, data := event(block)
		if data == "" {
			continue
		}
		key := kind
		if _, ok := described[key]; !ok {
			key = "*"
		}
		if _, ok := described[key]; !ok {
			return fmt.Errorf("the event %q is not described", kind)
		}
		schema, err := c.schema(append(at, key)...)
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(data)))
		if err != nil {
			return fmt.Errorf("event %s: data is not JSON: %w", kind, err)
		}
		if err := schema.Validate(value); err != nil {
			return fmt.Errorf("event %s: %w", kind, err)
		}
		if err := c.describedFields([]any{described[key]}, value, "event "+kind); err != nil {
			return err
		}
	}
	return nil
}

// event parses a block. A comment has neither kind nor data.
func event(block string) (kind, data string) {
	var lines []string
	for line := range strings.Lines(block) {
		field, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			kind = value
		case "data":
			lines = append(lines, value)
		}
	}
	return kind, strings.Join(lines, "\n")
}
