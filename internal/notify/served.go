package notify

import (
	"errors"
	"slices"
	"sync"

	"dkron/internal/mail"
)

// served remembers who has got a message, or which parts of it a receiver has, while others have not.
type served struct {
	mu sync.Mutex // guards by
	by map[string][]string
}

// maxServed is of how many messages that is remembered. Of others all may be sent twice, with one id.
const maxServed = 1000

// left returns those who have not got it.
func (s *served) left(id string, all []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(all), func(who string) bool { return slices.Contains(s.by[id], who) })
}

func (s *served) add(id string, who ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil || len(s.by) >= maxServed {
		s.by = make(map[string][]string)
	}
	s.by[id] = append(s.by[id], who...)
}

func (s *served) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, id)
}

// settles takes in the result of a mail, and reports whether another attempt could serve nobody else although it served some.
// Those whom the server refuses don't keep the others from being done.
func (s *served) settles(id string, err error) bool {
	failed, ok := errors.AsType[*mail.Error](err)
	switch {
	case err == nil, ok && len(failed.Accepted) > 0 && len(failed.Deferred) == 0:
		s.forget(id)
		return true
	case ok:
		s.add(id, failed.Accepted...)
	}
	return false
}

// partly is why some recipients of a message did not get it, which another attempt would not change.
type partly struct{ error }

// Partly reports that others have got it.
func (partly) Partly() bool { return true }

func (p partly) Unwrap() error { return p.error }
