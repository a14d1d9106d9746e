package agent

import (
	"sync"

	"dkron"
)

// output collects what an execution writes: all of it up to dkron.MaxOutput, otherwise head and tail. It also holds
// what has not been streamed to the leader yet.
type output struct {
	mu      sync.Mutex // guards the fields below
	head    []byte
	tail    []byte // ring of the bytes after head
	at      int    // where the next byte goes
	total   uint64
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
	if o.sent+uint64(len(o.pending)) == o.total {
		o.pending = append(o.pending, p[:min(len(p), maxPending-len(o.pending))]...)
	}
	o.total += uint64(len(p))
	if room := dkron.HeadSize - len(o.head); room > 0 {
		n := min(room, len(p))
		o.head = append(o.head, p[:n]...)
		p = p[n:]
	}
	for len(p) > 0 {
		if len(o.tail) < dkron.TailSize {
			n := min(dkron.TailSize-len(o.tail), len(p))
			o.tail = append(o.tail, p[:n]...)
			p = p[n:]
			continue
		}
		n := copy(o.tail[o.at:], p)
		o.at = (o.at + n) % dkron.TailSize
		p = p[n:]
	}
}

// take returns what has not been streamed yet, and how many bytes were written before it.
func (o *output) take() (offset uint64, data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	offset, data = o.sent, o.pending
	o.sent, o.pending = o.total, nil
	return offset, data
}

// rewind queues what is kept without a gap for streaming again, to a leader that has none of it.
func (o *output) rewind() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	o.pending = append(append([]byte(nil), o.tail[o.at:]...), o.tail[:o.at]...)
	if uint64(len(o.head)+len(o.tail)) == o.total {
		o.pending = append(append([]byte(nil), o.head...), o.pending...)
	}
	o.sent = o.total - uint64(len(o.pending))
}

// end returns what is kept: everything, or head, mark and tail. After that nothing is kept here any more.
func (o *output) end() ([]byte, uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.head, o.tail, o.pending, o.ended = nil, nil, nil, true }()
	kept := uint64(len(o.head) + len(o.tail))
	if o.total == kept && o.at == 0 {
		return append(o.head, o.tail...), o.total
	}
	tail := append(append([]byte(nil), o.tail[o.at:]...), o.tail[:o.at]...)
	return dkron.JoinParts(o.head, tail, o.total), o.total
}
