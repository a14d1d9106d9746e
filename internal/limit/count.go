package limit

import (
	"errors"
	"sync"
	"sync/atomic"
)

// ErrFull is returned when a temporary limit is exceeded: the same call may succeed later.
var ErrFull = errors.New("this node is overloaded; try again later")

// Bytes is a budget of memory with many users. It is safe for concurrent use.
type Bytes struct {
	max, used atomic.Int64
}

// NewBytes returns a budget of n bytes.
func NewBytes(n int64) *Bytes {
	b := new(Bytes)
	b.max.Store(n)
	return b
}

// Take reserves n bytes, or returns ErrFull.
func (b *Bytes) Take(n int64) error {
	if b.used.Add(n) > b.max.Load() {
		b.used.Add(-n)
		return ErrFull
	}
	return nil
}

// Give releases n bytes that were taken.
func (b *Bytes) Give(n int64) { b.used.Add(-n) }

// Used returns how many bytes are reserved.
func (b *Bytes) Used() int64 { return b.used.Load() }

// Clients counts what each client has in progress. It is safe for concurrent use.
type Clients struct {
	max int

	mu    sync.Mutex // guards count
	count map[string]int
}

// NewClients allows each client at most n things in progress.
func NewClients(n int) *Clients { return &Clients{max: max(n, 1), count: make(map[string]int)} }

// Enter counts one more thing of a client, or returns false if the client is at its limit.
func (c *Clients) Enter(client string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count[client] >= c.max {
		return false
	}
	c.count[client]++
	return true
}

// Leave undoes Enter.
func (c *Clients) Leave(client string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count[client]--; c.count[client] <= 0 {
		delete(c.count, client)
	}
}
