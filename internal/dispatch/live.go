package dispatch

import (
	"sync"

	"dkron"
)

// Bounds of the output that the leader holds of running executions.
const (
	maxLivePerExecution = dkron.MaxOutput
	maxLive             = 64 << 20
)

// Live is the output so far of running executions; of a long one only its end. It exists only in the leader's memory;
// nodes send what they hold again when a new leader comes.
type Live struct {
	mu    sync.Mutex                      // guards the fields below
	texts map[dkron.ExecutionKey]*stretch // of open executions
	total int
}

// stretch is a part of an output without a gap.
type stretch struct {
	attempt uint64
	offset  uint64 // of its first byte in the whole output
	data    []byte
}

func (s *stretch) end() uint64 { return s.offset + uint64(len(s.data)) }

// NewLive returns an empty one.
func NewLive() *Live { return &Live{texts: make(map[dkron.ExecutionKey]*stretch)} }

// Output returns the output so far of the executions that have some, from the given offsets on; a missing offset is 0.
// What comes before a chunk's offset is no longer held.
func (l *Live) Output(keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []dkron.Chunk
	for i, k := range keys {
		s := l.texts[k]
		if s == nil || len(s.data) == 0 {
			continue
		}
		c := dkron.Chunk{Key: k, Offset: s.offset}
		if i < len(from) {
			c.Offset = min(max(s.offset, from[i]), s.end())
		}
		if rest := s.data[c.Offset-s.offset:]; len(rest) > 0 {
			c.Data = append([]byte(nil), rest...)
			out = append(out, c)
		}
	}
	return out
}

// open starts to collect the output of an attempt. Other output is discarded, also that of an earlier attempt whose
// node was believed gone.
func (l *Live) open(k dkron.ExecutionKey, attempt uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(k)
	l.texts[k] = &stretch{attempt: attempt}
}

func (l *Live) add(c *dkron.Chunk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.texts[c.Key]
	if s == nil || s.attempt != c.Attempt || len(c.Data) == 0 {
		return
	}
	if len(s.data) == 0 {
		s.offset = c.Offset
	}
	before := len(s.data)
	data := c.Data
	switch end := s.end(); {
	case c.Offset > end: // the node wrote faster than it could send
		s.offset, s.data = c.Offset, nil
	case c.Offset+uint64(len(data)) <= end: // sent again
		return
	default:
		data = data[end-c.Offset:]
	}
	s.data = append(s.data, data...)
	// When the total has no room left, each execution keeps only the room it has.
	if cut := len(s.data) - min(maxLivePerExecution, maxLive-l.total+before); cut > 0 {
		s.offset += uint64(cut)
		s.data = append([]byte(nil), s.data[cut:]...)
	}
	l.total += len(s.data) - before
}

func (l *Live) drop(k dkron.ExecutionKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(k)
}

// forget drops the output of an execution. The caller holds mu.
func (l *Live) forget(k dkron.ExecutionKey) {
	if s := l.texts[k]; s != nil {
		l.total -= len(s.data)
	}
	delete(l.texts, k)
}

func (l *Live) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.texts)
	l.total = 0
}
