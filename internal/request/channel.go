package request

import (
	"dkron"
	"dkron/internal/codec"
)

// SetChannel creates a channel or replaces it.
//
// The reply is the channel. Errors: ErrInvalid names the field; ErrConflict if there are too many.
type SetChannel struct{ Channel dkron.Channel }

// Fields describes the wire form.
func (r *SetChannel) Fields(w *codec.Wire) { codec.Nested(w, 1, &r.Channel) }

// Name is the name on the wire.
func (*SetChannel) Name() string { return "SetChannel" }

// Touches is Admin: a channel can use the servers' secrets.
func (*SetChannel) Touches() Touch { return Admin }

// Reply is the channel.
func (*SetChannel) Reply() *Channel { return new(Channel) }

// Channel is a channel.
type Channel struct{ dkron.Channel }

// Fields describes the wire form.
func (r *Channel) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Channel) }

// DeleteChannel removes a channel. What waits to be told through it is dropped.
//
// Errors: ErrNotFound; ErrConflict names the rules that use it.
type DeleteChannel struct{ Channel string }

// Fields describes the wire form.
func (r *DeleteChannel) Fields(w *codec.Wire) { w.String(1, &r.Channel) }

// Name is the name on the wire.
func (*DeleteChannel) Name() string { return "DeleteChannel" }

// Touches is Admin.
func (*DeleteChannel) Touches() Touch { return Admin }

// Reply is empty.
func (*DeleteChannel) Reply() *Done { return new(Done) }

// TryChannel sends a test message through a channel.
//
// The reply is the message, which is still to be sent. Errors: ErrNotFound.
type TryChannel struct{ Channel string }

// Fields describes the wire form.
func (r *TryChannel) Fields(w *codec.Wire) { w.String(1, &r.Channel) }

// Name is the name on the wire.
func (*TryChannel) Name() string { return "TryChannel" }

// Touches is Run.
func (*TryChannel) Touches() Touch { return Run }

// Reply is the message.
func (*TryChannel) Reply() *Message { return new(Message) }
