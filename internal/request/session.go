package request

import "dkron/internal/codec"

// OpenSession signs a browser in with a token. Its secret was made by the server that the client asked, and only the hash
// is in the request. It ends after dkron.MaxSessionAge, or with the token.
//
// Errors: ErrNotFound if there is no such token, or no longer; ErrInvalid for a hash that can't be.
type OpenSession struct {
	Accessor string // of the token
	Hash     []byte
}

// Fields describes the wire form.
func (r *OpenSession) Fields(w *codec.Wire) {
	w.String(1, &r.Accessor)
	w.Bytes(2, &r.Hash)
}

// Name is the name on the wire.
func (*OpenSession) Name() string { return "OpenSession" }

// Touches is Read: a session may do nothing that its token may not.
func (*OpenSession) Touches() Touch { return Read }

// Reply is empty.
func (*OpenSession) Reply() *Done { return new(Done) }

// EndSession ends a session of a token: its open streams end too. Without a hash it ends all sessions of the token. One
// that has ended already is no error.
type EndSession struct {
	Accessor string // of the token
	Hash     []byte
}

// Fields describes the wire form.
func (r *EndSession) Fields(w *codec.Wire) {
	w.String(1, &r.Accessor)
	w.Bytes(2, &r.Hash)
}

// Name is the name on the wire.
func (*EndSession) Name() string { return "EndSession" }

// Touches is Read, as that of OpenSession.
func (*EndSession) Touches() Touch { return Read }

// Reply is empty.
func (*EndSession) Reply() *Done { return new(Done) }
