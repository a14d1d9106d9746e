package dispatch

import (
	"sync"

	"dkron"
)

// Bounds of the output that the leader holds of executions that run.
const (
	maxLivePerExecution = dkron.MaxOutput
	maxLive             = 64 << 20
)

// Live is the output so far of what runs, the end of it where it is long. It lives in the leader's memory alone.
type Live struct {
	mu    sync.Mutex                    // guards the fields below
	bytes map[dkron.ExecutionKey][]byte // of those that are open
	total int
}

// NewLive returns an empty one.
func NewLive() *Live { return &Live{bytes: make(map[dkron.ExecutionKey][]byte)} }

// Output returns the output so far of the executions that have some.
func (l *Live) Output(keys []dkron.ExecutionKey) []dkron.Chunk {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []dkron.Chunk
	for _, k := range keys {
		if b := l.bytes[k]; b != nil {
			out = append(out, dkron.Chunk{Key: k, Data: append([]byte(nil), b...)})
		}
	}
	return out
}

// open begins to take the output of an execution; what comes of others is late and goes nowhere.
func (l *Live) open(k dkron.ExecutionKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total -= len(l.bytes[k])
	l.bytes[k] = nil
}

func (l *Live) add(c *dkron.Chunk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, ok := l.bytes[c.Key]
	if !ok || len(c.Data) == 0 {
		return
	}
	all := append(old, c.Data...)
	// When there is no room for more of all together, each goes on within what it has.
	if cut := len(all) - min(maxLivePerExecution, maxLive-l.total+len(old)); cut > 0 {
		all = append([]byte(nil), all[cut:]...)
	}
	l.total += len(all) - len(old)
	l.bytes[c.Key] = all
}

func (l *Live) drop(k dkron.ExecutionKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total -= len(l.bytes[k])
	delete(l.bytes, k)
}

func (l *Live) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.bytes)
	l.total = 0
}
