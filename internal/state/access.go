package state

import (
	"errors"
	"fmt"
	"slices"

	"dkron"
)

// AccessEdits returns a number that grows with every commit that changes policies, tokens or sessions, before that commit is acknowledged.
// What was read from the state after a call is current as long as further calls return the same number.
func (s *Store) AccessEdits() uint64 { return s.feed.access.Load() }

// Bootstrapped reports whether access control has had its first token.
func (tx *Tx) Bootstrapped() bool { return tx.meta.Bootstrapped }

// SetBootstrapped records that access control has had its first token.
func (tx *Tx) SetBootstrapped() { tx.meta.Bootstrapped = true }

// Policy returns a stored policy, or ErrNotFound.
func (tx *Tx) Policy(name string) (*dkron.Policy, error) {
	p := new(dkron.Policy)
	err := tx.get(tablePolicy, []byte(name), p)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("policy %s: %w", name, dkron.ErrNotFound)
	}
	return p, err
}

// Policies returns the stored policies, ordered by name.
func (tx *Tx) Policies() (all []*dkron.Policy, err error) {
	err = scan(tx.bolt, tablePolicy, nil, func(_ []byte, p *dkron.Policy) bool {
		all = append(all, p)
		return true
	})
	return all, err
}

// PutPolicy stores a policy.
func (tx *Tx) PutPolicy(p *dkron.Policy) error {
	tx.changes.Access = true
	return tx.put(tablePolicy, []byte(p.Name), p)
}

// RemovePolicy removes a policy.
func (tx *Tx) RemovePolicy(name string) error {
	tx.changes.Access = true
	return tx.remove(tablePolicy, []byte(name))
}

// Token returns a token by its accessor, or ErrNotFound.
func (tx *Tx) Token(accessor string) (*dkron.Token, error) {
	t := new(dkron.Token)
	err := tx.get(tableToken, []byte(accessor), t)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("token %s: %w", accessor, dkron.ErrNotFound)
	}
	return t, err
}

// Tokens returns all tokens, ordered by accessor.
func (tx *Tx) Tokens() (all []*dkron.Token, err error) {
	err = scan(tx.bolt, tableToken, nil, func(_ []byte, t *dkron.Token) bool {
		all = append(all, t)
		return true
	})
	return all, err
}

// PutToken stores a token.
func (tx *Tx) PutToken(t *dkron.Token) error {
	tx.changes.Access = true
	return tx.put(tableToken, []byte(t.Accessor), t)
}

// RemoveToken removes a token.
func (tx *Tx) RemoveToken(accessor string) error {
	tx.changes.Access = true
	return tx.remove(tableToken, []byte(accessor))
}

// PersonSessions returns the sessions that belong to no token, the oldest first.
func (tx *Tx) PersonSessions() ([]*dkron.Session, error) {
	list, err := all[dkron.Session](tx, tablePersonSession)
	slices.SortStableFunc(list, func(a, b *dkron.Session) int { return a.BeganAt.Compare(b.BeganAt) })
	return list, err
}

// PutPersonSession stores a session of a person.
func (tx *Tx) PutPersonSession(s *dkron.Session) error {
	tx.changes.Access = true
	return tx.put(tablePersonSession, s.Hash, s)
}

// RemovePersonSession removes a session of a person.
func (tx *Tx) RemovePersonSession(hash []byte) error {
	tx.changes.Access = true
	return tx.remove(tablePersonSession, hash)
}
