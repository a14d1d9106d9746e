package jobform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"dkron/internal/respond"
)

// ReadObject reads a body that is one JSON object.
func ReadObject(body io.Reader) (json.RawMessage, error) {
	var raw json.RawMessage
	d := json.NewDecoder(body)
	if err := d.Decode(&raw); err != nil {
		return nil, Readable(err)
	}
	if raw[0] != '{' {
		return nil, fmt.Errorf("the body must be an object, not %s", describe(raw))
	}
	return raw, atEnd(d, "the body must be one JSON object")
}

// atEnd refuses anything but white space after the JSON value that a decoder has just read: two files sent as one must
// not be read as the first. want says what would be right.
func atEnd(d *json.Decoder, want string) error {
	_, err := d.Token()
	syntax := (*json.SyntaxError)(nil)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil, errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax):
		return fmt.Errorf("%s, and more follows it; send each in a request of its own", want)
	}
	return Readable(err)
}

// readError is a body that could not be read. Its text is for clients and leaves out the network's error.
type readError struct{ cause error }

func (e *readError) Error() string { return "the body could not be read" }
func (e *readError) Unwrap() error { return e.cause }

// Readable returns an error of reading JSON with a text that clients may see.
func Readable(err error) error {
	syntax := (*json.SyntaxError)(nil)
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax) {
		return err
	}
	return &readError{err}
}

// eachField calls fn for every key of an object, in order.
func eachField(object json.RawMessage, fn func(key string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		name, _ := key.(string)
		if err := fn(name, value); err != nil {
			return err
		}
	}
	return nil
}

// describe names a JSON value's type, for people.
func describe(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "the string " + respond.Shorten(string(raw))
	}
	return respond.Shorten(string(raw))
}
