package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const indent = "    "

// pretty counts by being there, whatever its value: clients of v4 know it so.
func pretty(r *http.Request) bool { return r.URL.Query().Has("pretty") }

// writeJSON answers a value.
func writeJSON(w http.ResponseWriter, r *http.Request, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	if pretty(r) {
		var out bytes.Buffer
		if err := json.Indent(&out, body, "", indent); err != nil {
			return fmt.Errorf("encode answer: %w", err)
		}
		body = out.Bytes()
	}
	writeBody(w, r, status, body)
	return nil
}

// writeBody answers a JSON text. A client that has the very answer from an earlier read is told so instead.
func writeBody(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	jsonHeader(w)
	if status == http.StatusOK && unchanged(w, r, bodyTag(w.Header(), body)) {
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// writeList answers a slice, never null, with the length of the list that it was cut from.
func writeList[T any](w http.ResponseWriter, r *http.Request, total int, list []T) error {
	if list == nil {
		list = []T{}
	}
	setTotal(w, total)
	return writeJSON(w, r, http.StatusOK, list)
}

func jsonHeader(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
}

func setTotal(w http.ResponseWriter, total int) {
	w.Header().Set("X-Total-Count", strconv.Itoa(total))
}

// arrayWriter writes a long array element by element.
type arrayWriter struct {
	out    bytes.Buffer
	pretty bool
	count  int
}

func (a *arrayWriter) add(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	a.out.WriteByte("[,"[min(a.count, 1)])
	a.count++
	if !a.pretty {
		a.out.Write(body)
		return nil
	}
	a.out.WriteString("\n" + indent)
	return json.Indent(&a.out, body, indent, indent)
}

func (a *arrayWriter) end() {
	switch {
	case a.count == 0:
		a.out.WriteString("[]")
	case a.pretty:
		a.out.WriteString("\n]")
	default:
		a.out.WriteByte(']')
	}
}

// utc returns t as JSON can hold it: in UTC, and no time at all if its year has more than four digits.
func utc(t time.Time) time.Time {
	if t.IsZero() || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}

// nullable returns nil, JSON's null, for the zero time.
func nullable(t time.Time) *time.Time {
	if t = utc(t); t.IsZero() {
		return nil
	}
	return &t
}

// filled returns nil, JSON's null, for an empty map.
func filled[K comparable, V any](m map[K]V) map[K]V {
	if len(m) == 0 {
		return nil
	}
	return m
}
