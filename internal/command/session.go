package command

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// OpenSession adds a session to a token.
type OpenSession struct {
	Accessor string
	Hash     []byte
	At       time.Time
}

// Fields describes the wire form.
func (c *OpenSession) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Accessor)
	w.Bytes(2, &c.Hash)
	w.Time(3, &c.At)
}

// Apply stores the session. Those of the same token that are over make way, and the oldest if there are too many.
func (c *OpenSession) Apply(tx *state.Tx) (any, error) {
	t, err := tx.Token(c.Accessor)
	if err != nil {
		return nil, err
	}
	if t.Expired(c.At) {
		return nil, dkron.Error(dkron.ErrNotFound, "token %s has expired", c.Accessor)
	}
	t.Sessions = slices.DeleteFunc(t.Sessions, func(s dkron.Session) bool { return s.Expired(c.At) })
	if over := len(t.Sessions) + 1 - dkron.MaxSessions; over > 0 {
		t.Sessions = slices.Delete(t.Sessions, 0, over)
	}
	end := c.At.Add(dkron.MaxSessionAge)
	if !t.ExpiresAt.IsZero() && t.ExpiresAt.Before(end) {
		end = t.ExpiresAt
	}
	note(tx, dkron.AuditSession, c.Accessor, "signed in")
	t.Sessions = append(t.Sessions, dkron.Session{Hash: c.Hash, ExpiresAt: end})
	return nil, tx.PutToken(t)
}

// EndSession removes a session from a token, or all of them.
type EndSession struct {
	Accessor string
	Hash     []byte // empty: all
}

// Fields describes the wire form.
func (c *EndSession) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Accessor)
	w.Bytes(2, &c.Hash)
}

// Apply removes the session. One that is over already, perhaps with its token, is no error.
func (c *EndSession) Apply(tx *state.Tx) (any, error) {
	t, err := tx.Token(c.Accessor)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	before := len(t.Sessions)
	t.Sessions = slices.DeleteFunc(t.Sessions, func(s dkron.Session) bool {
		return len(c.Hash) == 0 || bytes.Equal(s.Hash, c.Hash)
	})
	if len(t.Sessions) == before {
		return nil, nil
	}
	detail := "signed out"
	if len(c.Hash) == 0 {
		detail += " everywhere"
	}
	note(tx, dkron.AuditSession, c.Accessor, detail)
	return nil, tx.PutToken(t)
}
