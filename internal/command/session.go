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

// OpenSession adds a session to a token, or one of a person.
type OpenSession struct {
	Accessor string
	Hash     []byte
	At       time.Time
	Person   *dkron.Person // instead of a token
	Age      time.Duration // of a person's session
}

// Fields describes the wire form.
func (c *OpenSession) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Accessor)
	w.Bytes(2, &c.Hash)
	w.Time(3, &c.At)
	codec.Optional(w, 4, &c.Person)
	w.Duration(5, &c.Age)
}

// Apply stores the session. Those of the same token or person that are over make way, and the oldest if there are too many.
func (c *OpenSession) Apply(tx *state.Tx) (any, error) {
	if c.Person != nil {
		return nil, c.openOfPerson(tx)
	}
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
	t.Sessions = append(t.Sessions, dkron.Session{Hash: c.Hash, ExpiresAt: end, BeganAt: c.At})
	return nil, tx.PutToken(t)
}

// openOfPerson stores a session of a person. It also drops those of all persons that are over, since nothing else does, and gives
// the person's other sessions what the person may do now.
func (c *OpenSession) openOfPerson(tx *state.Tx) error {
	all, err := tx.PersonSessions()
	if err != nil {
		return err
	}
	var own, others []*dkron.Session // the oldest first
	for _, s := range all {
		if s.Expired(c.At) {
			if err := tx.RemovePersonSession(s.Hash); err != nil {
				return err
			}
			continue
		}
		if !s.Person.Is(c.Person) {
			others = append(others, s)
			continue
		}
		own = append(own, s)
	}
	drop := own[:max(0, len(own)+1-dkron.MaxSessions)]
	own = own[len(drop):]
	if over := len(own) + len(others) + 1 - dkron.MaxPersonSessions; over > 0 {
		drop = append(drop, others[:min(over, len(others))]...)
	}
	for _, s := range drop {
		if err := tx.RemovePersonSession(s.Hash); err != nil {
			return err
		}
	}
	note(tx, dkron.AuditSession, c.Person.Name, "signed in")
	own = append(own, &dkron.Session{Hash: c.Hash, BeganAt: c.At, ExpiresAt: c.At.Add(min(c.Age, dkron.MaxSessionAge))})
	for _, s := range own {
		s.Person = c.Person
		if err := tx.PutPersonSession(s); err != nil {
			return err
		}
	}
	return nil
}

// EndSession removes a session from a token or a person, or all of them.
type EndSession struct {
	Accessor string
	Hash     []byte        // empty: all
	Person   *dkron.Person // instead of a token
}

// Fields describes the wire form.
func (c *EndSession) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Accessor)
	w.Bytes(2, &c.Hash)
	codec.Optional(w, 3, &c.Person)
}

// Apply removes the session. One that is over already, perhaps with its token, is no error.
func (c *EndSession) Apply(tx *state.Tx) (any, error) {
	if c.Person != nil {
		return nil, c.endOfPerson(tx)
	}
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
	note(tx, dkron.AuditSession, c.Accessor, c.detail())
	return nil, tx.PutToken(t)
}

func (c *EndSession) detail() string {
	if len(c.Hash) == 0 {
		return "signed out everywhere"
	}
	return "signed out"
}

func (c *EndSession) endOfPerson(tx *state.Tx) error {
	all, err := tx.PersonSessions()
	if err != nil {
		return err
	}
	ended := false
	for _, s := range all {
		if s.Person.Is(c.Person) && (len(c.Hash) == 0 || bytes.Equal(s.Hash, c.Hash)) {
			if err := tx.RemovePersonSession(s.Hash); err != nil {
				return err
			}
			ended = true
		}
	}
	if ended {
		note(tx, dkron.AuditSession, c.Person.Name, c.detail())
	}
	return nil
}
