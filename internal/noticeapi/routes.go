package noticeapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"dkron"
	"dkron/internal/httpserver"
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
		return dkron.Invalid("the body is not what is expected: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return dkron.Invalid("the body has text after the object")
	}
	return nil
}

// number returns the number in the path.
func number(r *http.Request, what string) (uint64, error) {
	n, err := strconv.ParseUint(r.PathValue("number"), 10, 64)
	if err != nil {
		return 0, dkron.Invalid("%.40q is not the number of %s", r.PathValue("number"), what)
	}
	return n, nil
}
