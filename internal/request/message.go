package request

import (
	"dkron"
	"dkron/internal/codec"
)

// AckAlert acknowledges an open alert: there are no more reminders of it.
//
// The reply is the alert. Errors: ErrNotFound, also if the alert is over.
type AckAlert struct {
	Alert uint64
	Note  string
}

// Fields describes the wire form.
func (r *AckAlert) Fields(w *codec.Wire) {
	w.Uint(1, &r.Alert)
	w.String(2, &r.Note)
}

// Name is the name on the wire.
func (*AckAlert) Name() string { return "AckAlert" }

// Touches is Run.
func (*AckAlert) Touches() Touch { return Run }

// Reply is the alert.
func (*AckAlert) Reply() *Alert { return new(Alert) }

// Alert is an alert.
type Alert struct{ dkron.Alert }

// Fields describes the wire form.
func (r *Alert) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Alert) }

// ResendMessage sends a message again, with the same id.
//
// The reply is the message. Errors: ErrNotFound; ErrConflict if its channel is gone, or its setting.
type ResendMessage struct{ Number uint64 }

// Fields describes the wire form.
func (r *ResendMessage) Fields(w *codec.Wire) { w.Uint(1, &r.Number) }

// Name is the name on the wire.
func (*ResendMessage) Name() string { return "ResendMessage" }

// Touches is Run.
func (*ResendMessage) Touches() Touch { return Run }

// Reply is the message.
func (*ResendMessage) Reply() *Message { return new(Message) }

// Message is a message.
type Message struct{ dkron.Message }

// Fields describes the wire form.
func (r *Message) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Message) }
