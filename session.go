package dkron

import (
	"time"

	"dkron/internal/codec"
)

// Limits of sessions.
const (
	MaxSessionAge = 12 * time.Hour
	MaxSessions   = 50 // of a token; the oldest ends when there is one more
)

// Session is a browser in which somebody is signed in with a token. It is a part of that token: it ends with it, and may do
// what it may.
type Session struct {
	Hash      []byte // SHA-256 of its secret, which only the browser has
	ExpiresAt time.Time
}

// Fields describes the wire form.
func (s *Session) Fields(w *codec.Wire) {
	w.Since(2)
	w.Bytes(1, &s.Hash)
	w.Time(2, &s.ExpiresAt)
}

// Expired reports whether the session is over at an instant.
func (s *Session) Expired(now time.Time) bool { return !now.Before(s.ExpiresAt) }
