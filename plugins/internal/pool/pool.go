// Package pool shares clients of the other side among executions with the same settings, so that many executions need
// few connections.
package pool

import (
	"context"
	"sync"
	"time"
)

const (
	// maxClients is how many clients are kept for further executions. Those that work are not limited.
	maxClients = 100
	// idleTime is how long a client without an execution is kept.
	idleTime = 30 * time.Second
)

// Client is what is shared. It is safe for concurrent use.
type Client interface {
	// Alive reports whether it can still be used.
	Alive() bool
	// Close ends its connections.
	Close()
}

// Pool has a client for each setting. K is all that makes a difference between clients. The zero value is empty.
type Pool[K comparable, C Client] struct {
	mu    sync.Mutex // guards the rest
	byKey map[K]*entry[K, C]
	uses  uint64
}

type entry[K comparable, C Client] struct {
	key    K
	ready  chan struct{} // closed when client or err is set
	client C
	err    error
	cancel context.CancelFunc // ends the opening

	// Guarded by the pool's mutex.
	users   int
	lastUse uint64
	dropped bool // no longer in the pool: it is closed after its last user
	idle    *time.Timer
}

// Use returns the client for a setting, and opens it if there is none. Executions that come meanwhile wait for the same
// client; the opening ends early when none is left. The caller calls done once, and says whether the client should serve
// no further execution.
func (p *Pool[K, C]) Use(ctx context.Context, key K, open func(context.Context) (C, error)) (client C, done func(broken bool), err error) {
	e := p.enter(key, open)
	select {
	case <-e.ready:
	case <-ctx.Done():
		p.leave(e, false)
		return client, nil, context.Cause(ctx)
	}
	if e.err != nil {
		p.leave(e, true)
		return client, nil, e.err
	}
	return e.client, func(broken bool) { p.leave(e, broken) }, nil
}

func (p *Pool[K, C]) enter(key K, open func(context.Context) (C, error)) *entry[K, C] {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uses++
	if e := p.byKey[key]; e != nil && e.usable() {
		if e.idle != nil {
			e.idle.Stop()
		}
		e.users++
		e.lastUse = p.uses
		return e
	} else if e != nil {
		p.drop(e)
	}
	if p.byKey == nil {
		p.byKey = make(map[K]*entry[K, C])
	}
	if len(p.byKey) >= maxClients {
		p.evict()
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:gosec // the entry has it
	e := &entry[K, C]{key: key, ready: make(chan struct{}), cancel: cancel, users: 1, lastUse: p.uses}
	p.byKey[key] = e
	go func() {
		client, err := open(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		e.client, e.err = client, err
		close(e.ready)
		if e.err == nil && e.dropped && e.users == 0 { // all gave up before it was open
			go e.client.Close()
		}
	}()
	return e
}

// usable reports whether the entry may serve a further execution.
func (e *entry[K, C]) usable() bool {
	select {
	case <-e.ready:
		return e.err == nil && e.client.Alive()
	default:
		return true
	}
}

func (p *Pool[K, C]) leave(e *entry[K, C], broken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.users--
	if broken {
		p.drop(e)
		return
	}
	if e.users > 0 {
		return
	}
	select {
	case <-e.ready:
	default: // nobody waits for it any more
		p.drop(e)
		return
	}
	if e.dropped {
		e.end()
		return
	}
	e.idle = time.AfterFunc(idleTime, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if e.users == 0 && !e.dropped {
			p.drop(e)
		}
	})
}

// drop takes an entry out of the pool, and closes its client if it has no user. The caller holds the mutex.
func (p *Pool[K, C]) drop(e *entry[K, C]) {
	if !e.dropped {
		e.dropped = true
		if e.idle != nil {
			e.idle.Stop()
		}
		delete(p.byKey, e.key)
	}
	if e.users == 0 {
		e.end()
	}
}

// end closes the client, or ends its opening.
func (e *entry[K, C]) end() {
	e.cancel()
	select {
	case <-e.ready:
		if e.err == nil {
			go e.client.Close() // may wait for the network
		}
	default:
	}
}

// evict drops the client that has not been used for the longest time. The caller holds the mutex.
func (p *Pool[K, C]) evict() {
	var oldest *entry[K, C]
	for _, e := range p.byKey {
		if oldest == nil || e.lastUse < oldest.lastUse {
			oldest = e
		}
	}
	p.drop(oldest)
}

// Close drops every client. The pool remains usable.
func (p *Pool[K, C]) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.byKey {
		p.drop(e)
	}
}
