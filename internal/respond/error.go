package respond

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"dkron"
)

// InternalText is the client's text for an unexpected error.
const InternalText = "internal error; the server's log has more"

// kinds maps error kinds to answers; the first match applies. An error of no kind is a 500 whose text goes only to the
// log.
var kinds = []struct {
	kind   error
	status int
	text   string // "": the error's own
	empty  bool   // no text, but what missing says
}{
	{kind: dkron.ErrNoParent, status: http.StatusNotFound, text: dkron.ErrNoParent.Error()},
	{kind: dkron.ErrInvalid, status: http.StatusBadRequest},
	{kind: dkron.ErrNotFound, status: http.StatusNotFound, empty: true},
	{kind: dkron.ErrNoTarget, status: http.StatusNotFound},
	{kind: dkron.ErrForbidden, status: http.StatusForbidden},
	{kind: dkron.ErrConflict, status: http.StatusConflict},
	{kind: dkron.ErrPaused, status: http.StatusServiceUnavailable, text: dkron.ErrPaused.Error()},
	{kind: dkron.ErrNoLeader, status: http.StatusServiceUnavailable},
	{kind: dkron.ErrForeign, status: http.StatusServiceUnavailable},
	{kind: dkron.ErrUnavailable, status: http.StatusServiceUnavailable},
	{kind: context.DeadlineExceeded, status: http.StatusGatewayTimeout, text: "timed out; the change may or may not have been made"},
	{kind: context.Canceled, status: http.StatusServiceUnavailable, text: "canceled; the change may or may not have been made"},
}

// refusal is an error that knows its answer.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

// Refuse returns an error that Fail answers with this status and text.
func Refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// StatusOf returns the status that Fail answers an error with.
func StatusOf(err error) int {
	var own *refusal
	if errors.As(err, &own) {
		return own.status
	}
	for _, k := range kinds {
		if errors.Is(err, k.kind) {
			return k.status
		}
	}
	return http.StatusInternalServerError
}

// Fail answers an error. Only Fail logs unexpected ones. Nothing of the answer may have been written before.
func Fail(w http.ResponseWriter, r *http.Request, err error, logger *slog.Logger) {
	var own *refusal
	if errors.As(err, &own) {
		Text(w, own.status, own.text)
		return
	}
	for _, k := range kinds {
		switch {
		case !errors.Is(err, k.kind):
			continue
		case k.empty && missingText(r) != "":
			Text(w, k.status, missingText(r))
		case k.empty:
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(k.status)
		case k.text != "":
			Text(w, k.status, k.text)
		default:
			Text(w, k.status, err.Error())
		}
		return
	}
	logger.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	Text(w, http.StatusInternalServerError, InternalText)
}

var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

// OneLine replaces a text's line breaks.
func OneLine(text string) string { return oneLine.Replace(text) }

// Text answers with one line of text.
func Text(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(OneLine(text)))
}

// maxWord is how many bytes of a client's input an answer repeats.
const maxWord = 64

// Shorten cuts a client's input to maxWord bytes.
func Shorten(s string) string {
	if len(s) <= maxWord {
		return s
	}
	return strings.ToValidUTF8(s[:maxWord], "") + "…"
}
