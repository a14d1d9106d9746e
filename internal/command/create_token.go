package command

import (
	"errors"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// CreateToken adds a token.
type CreateToken struct {
	Token dkron.Token
	First bool // only if there was none before
	Again bool // or even then
}

// Fields describes the wire form.
func (c *CreateToken) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Nested(w, 1, &c.Token)
	w.Bool(2, &c.First)
	w.Bool(3, &c.Again)
}

// Apply stores the token.
func (c *CreateToken) Apply(tx *state.Tx) (any, error) {
	if c.First && !c.Again && tx.Bootstrapped() {
		return nil, dkron.Conflict("access control has its first token already; if it is lost, use dkron acl reset on a server")
	}
	if _, err := tx.Token(c.Token.Accessor); !errors.Is(err, dkron.ErrNotFound) {
		if err == nil {
			err = dkron.Conflict("token %s exists", c.Token.Accessor)
		}
		return nil, err
	}
	all, err := tx.Tokens()
	if err != nil {
		return nil, err
	}
	if len(all) >= dkron.MaxTokens && !c.First {
		return nil, dkron.Conflict("there are %d tokens, which is the most; delete one", len(all))
	}
	noteChange(tx, dkron.AuditToken, c.Token.Accessor, nil, &c.Token, withoutHashes)
	tx.SetBootstrapped()
	return nil, tx.PutToken(&c.Token)
}

// withoutHashes removes from a copy of a token what nobody needs to see.
func withoutHashes(t *dkron.Token) { t.Hash, t.Sessions = nil, nil }
