package request

import (
	"time"

	"dkron"
	"dkron/internal/codec"
)

// OpenSession signs a browser in with a token, or as a person whom an OpenID provider has named. Its secret was made by the server
// that the client asked, and only the hash is in the request. A token's session ends after dkron.MaxSessionAge, or with the token; a
// person's after Age, which is at most that long.
//
// Errors: ErrNotFound if there is no such token, or no longer; ErrInvalid for a hash, a person or an age that can't be.
type OpenSession struct {
	Accessor string // of the token
	Hash     []byte
	Person   *dkron.Person // instead of a token
	Age      time.Duration // of a person's session
}

// Fields describes the wire form.
func (r *OpenSession) Fields(w *codec.Wire) {
	w.String(1, &r.Accessor)
	w.Bytes(2, &r.Hash)
	codec.Optional(w, 3, &r.Person)
	w.Duration(4, &r.Age)
}

// Name is the name on the wire.
func (*OpenSession) Name() string { return "OpenSession" }

// Touches is Read: a session may do nothing that its token may not, and the server that the client asked has found out what a
// person may.
func (*OpenSession) Touches() Touch { return Read }

// Reply is empty.
func (*OpenSession) Reply() *Done { return new(Done) }

// EndSession ends a session of a token or a person: its open streams end too. Without a hash it ends all sessions of that token or
// person. One that has ended already is no error.
type EndSession struct {
	Accessor string // of the token
	Hash     []byte
	Person   *dkron.Person // instead of a token; issuer and subject count
}

// Fields describes the wire form.
func (r *EndSession) Fields(w *codec.Wire) {
	w.String(1, &r.Accessor)
	w.Bytes(2, &r.Hash)
	codec.Optional(w, 3, &r.Person)
}

// Name is the name on the wire.
func (*EndSession) Name() string { return "EndSession" }

// Touches is Read, as that of OpenSession.
func (*EndSession) Touches() Touch { return Read }

// Reply is empty.
func (*EndSession) Reply() *Done { return new(Done) }
