package consensus

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
)

const termRetry = 500 * time.Millisecond

// stableStore prevents raft from panicking when the term cannot be written, as it does on any failure: the write is
// repeated until it succeeds. Until then raft does nothing and gives no vote.
type stableStore struct {
	raft.StableStore
	log     *slog.Logger
	closing <-chan struct{}
	failed  atomic.Pointer[storageError]
	path    string
}

// SetUint64 retries until the write succeeds or the node closes. In the latter case it returns nil although nothing was
// written, because raft panics on an error. That is harmless: a closing node stores neither vote nor entries (see Set),
// so no one can rely on the term.
func (s *stableStore) SetUint64(key []byte, value uint64) error {
	for {
		err := s.StableStore.SetUint64(key, value)
		if err == nil {
			s.failed.Store(nil)
			return nil
		}
		if string(key) != "CurrentTerm" {
			return err
		}
		if s.failed.Swap(&storageError{path: s.path, err: err}) == nil {
			s.log.Error("cannot store the raft term; trying until it succeeds", "path", s.path, "error", err)
		}
		select {
		case <-s.closing:
			return nil
		case <-time.After(termRetry):
		}
	}
}

// Set refuses the vote of a closing node.
func (s *stableStore) Set(key, value []byte) error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
		return s.StableStore.Set(key, value)
	}
}
