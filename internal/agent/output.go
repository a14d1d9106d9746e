package agent

import (
	"sync"

	"dkron"
)

// output collects what an execution writes. It also holds what has not been streamed to the leader yet.
type output struct {
	mu      sync.Mutex // guards the fields below
	kept    dkron.Collected
	pending []byte // not streamed yet
	sent    uint64 // bytes before pending
	ended   bool
}

// maxPending bounds what waits to be streamed.
const maxPending = 256 << 10

func (o *output) write(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended { // an executor that writes after it has returned
		return
	}
	// pending grows until it is full; what is written after that, until the next take, is not streamed.
	if o.sent+uint64(len(o.pending)) == o.kept.Total() {
		o.pending = append(o.pending, p[:min(len(p), maxPending-len(o.pending))]...)
	}
	_, _ = o.kept.Write(p)
}

// take returns what has not been streamed yet, and how many bytes were written before it.
func (o *output) take() (offset uint64, data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	offset, data = o.sent, o.pending
	o.sent, o.pending = o.kept.Total(), nil
	return offset, data
}

// rewind queues what is kept without a gap for streaming again, to a leader that has none of it.
func (o *output) rewind() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	o.pending = o.kept.Latest()
	o.sent = o.kept.Total() - uint64(len(o.pending))
}

// end returns what is kept: everything, or head, mark and tail. After that nothing is kept here any more.
func (o *output) end() ([]byte, uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.kept, o.pending, o.ended = dkron.Collected{}, nil, true }()
	return o.kept.Kept()
}
