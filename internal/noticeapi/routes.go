package noticeapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/near"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// Sender is what the endpoints need of the channels' senders.
type Sender interface {
	// Check refuses a channel that can't work. The error names the field.
	Check(c *dkron.Channel) error
	// Preview returns what would be sent, without secrets.
	Preview(c *dkron.Channel, b *dkron.Brief) (subject, body string, err error)
}

// Type is a type of channels, with a JSON Schema of its settings.
type Type struct {
	Name   string          `json:"type"`
	Schema json.RawMessage `json:"schema"`
}

// Config is what the endpoints need.
type Config struct {
	Controller request.Doer
	Store      *state.Store
	Sender     Sender
	Types      []Type
	// Brief returns a message as a channel would send it now.
	Brief func(tx *state.Tx, c *dkron.Channel, m *dkron.Message) *dkron.Brief
}

type api struct{ Config }

// Routes returns the endpoints.
func Routes(cfg Config) []httpserver.Route {
	a := &api{cfg}
	type m = map[string]httpserver.Endpoint
	return []httpserver.Route{
		{Path: "/v1/channels", Methods: m{"GET": a.listChannels}},
		{Path: "/v1/channels/{channel}", Methods: m{"GET": a.getChannel, "PUT": a.putChannel, "DELETE": a.deleteChannel}},
		{Path: "/v1/channels/{channel}/test", Methods: m{"POST": a.testChannel}},
		{Path: "/v1/channels/{channel}/preview", Methods: m{"POST": a.previewChannel}},
		{Path: "/v1/channel-types", Methods: m{"GET": a.listTypes}},
		{Path: "/v1/rules", Methods: m{"GET": a.listRules}},
		{Path: "/v1/rules/{rule}", Methods: m{"GET": a.getRule, "PUT": a.putRule, "DELETE": a.deleteRule}},
		{Path: "/v1/silences", Methods: m{"GET": a.listSilences, "POST": a.addSilence}},
		{Path: "/v1/silences/{number}", Methods: m{"GET": a.getSilence, "DELETE": a.endSilence}},
		{Path: "/v1/alerts", Methods: m{"GET": a.listAlerts}},
		{Path: "/v1/alerts/{number}/ack", Methods: m{"POST": a.ackAlert}},
		{Path: "/v1/messages", Methods: m{"GET": a.listMessages}},
		{Path: "/v1/messages/{number}", Methods: m{"GET": a.getMessage}},
		{Path: "/v1/messages/{number}/resend", Methods: m{"POST": a.resendMessage}},
	}
}

// read returns what fn reads from one view of the state.
func read[T any](a *api, fn func(*state.Tx) (T, error)) (found T, err error) {
	err = a.Store.View(func(tx *state.Tx) (err error) {
		found, err = fn(tx)
		return err
	})
	return found, err
}

// decode reads a body, which is one JSON object without unknown fields. An empty body is an empty object.
func decode(r *http.Request, v any) error {
	data, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return respond.Refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", large.Limit)
	}
	if err != nil {
		return respond.Refuse(http.StatusBadRequest, "the body could not be read: %v", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte("{}")
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		return unread(err, v)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return dkron.Invalid("the body has text after the object")
	}
	return nil
}

// unread says which field of a body can't be read, and what would be right.
func unread(err error, v any) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		want := "a text"
		switch wrong.Type.Kind() {
		case reflect.Slice:
			want = "a list"
		case reflect.Map, reflect.Struct:
			want = "an object"
		case reflect.Bool:
			want = "true or false"
		case reflect.Uint64:
			want = "a whole number"
		}
		return dkron.Invalid("%s: want %s, not a JSON %s", wrong.Field, want, wrong.Value)
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok {
		return dkron.Invalid("a time in the body can't be read; write it as 2026-11-30T06:00:00Z")
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	name, unknown := strings.CutPrefix(text, "unknown field ")
	if !unknown {
		return dkron.Invalid("the body is not what is expected: %s", text)
	}
	known := fields(reflect.TypeOf(v).Elem())
	if meant := near.Nearest(strings.Trim(name, `"`), known); meant != "" {
		return dkron.Invalid("the field %s is unknown; did you mean %s?", name, meant)
	}
	return dkron.Invalid("the field %s is unknown; there are %s", name, strings.Join(known, ", "))
}

// fields returns the names of a form's fields, those of the objects in it included.
func fields(form reflect.Type) (names []string) {
	for i := range form.NumField() {
		name, _, _ := strings.Cut(form.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
		t := form.Field(i).Type
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() {
			names = append(names, fields(t)...)
		}
	}
	return names
}

// number returns the number in the path.
func number(r *http.Request, what string) (uint64, error) {
	n, err := strconv.ParseUint(r.PathValue("number"), 10, 64)
	if err != nil {
		return 0, dkron.Invalid("%.40q is not the number of %s", r.PathValue("number"), what)
	}
	return n, nil
}
