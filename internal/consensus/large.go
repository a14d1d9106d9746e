package consensus

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/hashicorp/raft"
)

// largeEntry is the size from which entries are read only when needed. Raft reads entries long before: up to
// appendEntries of them for a follower, and many more that wait to be applied. For a large one it gets a stub, which is
// replaced where the data is used, so that the bytes in memory are bounded.
const largeEntry = 16 << 10

// stubMark is the Extensions of a stub. Entries have none of their own.
var stubMark = []byte("not read yet")

func isStub(l *raft.Log) bool { return len(l.Data) == 0 && bytes.Equal(l.Extensions, stubMark) }

// large remembers the large entries of the log.
type large struct {
	mu   sync.RWMutex // guards what follows
	term map[uint64]uint64
}

func newLarge() *large { return &large{term: make(map[uint64]uint64)} }

func (x *large) put(l *raft.Log) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if l.Type == raft.LogCommand && len(l.Data) >= largeEntry {
		x.term[l.Index] = l.Term
	} else {
		delete(x.term, l.Index)
	}
}

func (x *large) stub(index uint64, into *raft.Log) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	term, ok := x.term[index]
	if ok {
		*into = raft.Log{Index: index, Term: term, Type: raft.LogCommand, Extensions: stubMark}
	}
	return ok
}

func (x *large) remove(first, last uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range x.term {
		if i >= first && i <= last {
			delete(x.term, i)
		}
	}
}

// fill returns the whole entry for a stub, and any other entry unchanged.
func (s *logStore) fill(l *raft.Log) (*raft.Log, error) {
	if !isStub(l) {
		return l, nil
	}
	full := new(raft.Log)
	if err := s.checkedLog.GetLog(l.Index, full); err != nil {
		return nil, err
	}
	if full.Term != l.Term {
		return nil, fmt.Errorf("entry %d has been replaced: %w", l.Index, raft.ErrLogNotFound)
	}
	return full, nil
}
