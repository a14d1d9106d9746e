package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dkron/internal/httpserver"
	"dkron/internal/respond"
)

// limitBody bounds the body of a request by what its endpoint may read.
func (a *api) limitBody(w http.ResponseWriter, r *http.Request) error {
	limit := a.MaxBody
	if r.Pattern == restorePath {
		limit = max(limit, httpserver.LargestBody)
	}
	return httpserver.LimitBody(w, r, limit)
}

// readObject returns the body, which must be one JSON object and nothing else.
func (a *api) readObject(r *http.Request) (json.RawMessage, error) {
	var raw json.RawMessage
	d := json.NewDecoder(r.Body)
	if err := d.Decode(&raw); err != nil {
		return nil, unreadable(readable(err))
	}
	if raw[0] != '{' {
		return nil, unparsable(fmt.Errorf("the body must be an object, not %s", describe(raw)))
	}
	if err := atEnd(d, "the body must be one JSON object"); err != nil {
		return nil, unreadable(err)
	}
	return raw, nil
}

// atEnd refuses what follows the JSON value that a decoder has just read: two files that were sent as one must not pass
// for the first of them. White space may follow. want says what would be right.
func atEnd(d *json.Decoder, want string) error {
	_, err := d.Token()
	syntax := (*json.SyntaxError)(nil)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil, errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax):
		return fmt.Errorf("%s, and more follows it; send each in a request of its own", want)
	}
	return readable(err)
}

// readable returns what may be told of why a body could not be read as JSON: the network's words are nobody's business.
func readable(err error) error {
	syntax, large := (*json.SyntaxError)(nil), (*http.MaxBytesError)(nil)
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax), errors.As(err, &large):
		return err
	}
	return errors.New("the body could not be read")
}

func unparsable(err error) error {
	return respond.Refuse(http.StatusBadRequest, "Unable to parse payload: %s.", err)
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

// describe tells a person what a JSON value is.
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

// maxWarnings is how many unknown fields an answer names.
const maxWarnings = 10

// warnUnknown names the fields of a body that mean nothing here, each once.
func warnUnknown(w http.ResponseWriter, fields []string) {
	var names []string
	more := 0
	for _, f := range fields {
		switch f = respond.Shorten(f); {
		case slices.Contains(names, f):
		case len(names) < maxWarnings:
			names = append(names, f)
		default:
			more++
		}
	}
	if len(names) == 0 {
		return
	}
	text := "unknown fields ignored: " + strings.Join(names, ", ")
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	warn(w, text)
}

func warn(w http.ResponseWriter, text string) {
	w.Header().Add("Warning", "299 dkron "+strconv.QuoteToASCII(text))
}
