package respond

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const indent = "    "

// Pretty reports whether the client wants indented JSON. As in v4, the parameter's presence is enough, whatever its
// value.
func Pretty(r *http.Request) bool { return r.URL.Query().Has("pretty") }

// JSON answers with a value.
func JSON(w http.ResponseWriter, r *http.Request, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	if Pretty(r) {
		var out bytes.Buffer
		if err := json.Indent(&out, body, "", indent); err != nil {
			return fmt.Errorf("encode answer: %w", err)
		}
		body = out.Bytes()
	}
	JSONText(w, r, status, body)
	return nil
}

// JSONText answers with JSON text. A client that has this answer from an earlier read gets 304 instead.
func JSONText(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	JSONHeader(w)
	if status == http.StatusOK && Unchanged(w, r, Tag(w.Header(), body)) {
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// List answers with a slice, never null, and the length of the list that it is part of.
func List[T any](w http.ResponseWriter, r *http.Request, total int, list []T) error {
	if list == nil {
		list = []T{}
	}
	SetTotal(w, total)
	return JSON(w, r, http.StatusOK, list)
}

// JSONHeader sets the content type to JSON.
func JSONHeader(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
}

// SetTotal sets the header with the length of the whole list.
func SetTotal(w http.ResponseWriter, total int) {
	w.Header().Set("X-Total-Count", strconv.Itoa(total))
}

// Array builds a long JSON array element by element. The zero value is an empty one.
type Array struct {
	bytes.Buffer // not sent yet; the caller resets it
	Pretty       bool
	count        int
}

// Add adds an element.
func (a *Array) Add(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	a.WriteByte("[,"[min(a.count, 1)])
	a.count++
	if !a.Pretty {
		a.Write(body)
		return nil
	}
	a.WriteString("\n" + indent)
	return json.Indent(&a.Buffer, body, indent, indent)
}

// End closes the array.
func (a *Array) End() {
	switch {
	case a.count == 0:
		a.WriteString("[]")
	case a.Pretty:
		a.WriteString("\n]")
	default:
		a.WriteByte(']')
	}
}

// UTC returns t in UTC for JSON, the zero time if its year has more than four digits.
func UTC(t time.Time) time.Time {
	if t.IsZero() || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}

// Nullable returns nil, JSON's null, for the zero time.
func Nullable(t time.Time) *time.Time {
	if t = UTC(t); t.IsZero() {
		return nil
	}
	return &t
}
