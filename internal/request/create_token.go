package request

import (
	"dkron"
	"dkron/internal/codec"
)

// CreateToken adds a token. Its secret was made by the server that the client asked, and only the hash is in the request.
//
// With First, the token is the cluster's first: the only one that a client without a token can get. Again allows that once
// more, for an operator who has lost all tokens and has access to a server's data directory.
//
// Errors: ErrInvalid for a token that can't be; ErrConflict if there are too many tokens, or with First if there was one
// before.
type CreateToken struct {
	Token dkron.Token
	First bool
	Again bool
}

// Fields describes the wire form.
func (r *CreateToken) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.Token)
	w.Bool(2, &r.First)
	w.Bool(3, &r.Again)
}

// Name is the name on the wire.
func (*CreateToken) Name() string { return "CreateToken" }

// Touches is Manage.
func (*CreateToken) Touches() Touch { return Manage }

// Reply is empty.
func (*CreateToken) Reply() *Done { return new(Done) }
