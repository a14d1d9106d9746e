package httpcall

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"dkron/internal/reach"
	"dkron/plugin/keys"
)

const (
	maxTransports  = 100
	maxIdlePerHost = 2048
	idleTime       = 30 * time.Second
	// maxAge is how long a connection is reused. A name is resolved only for a new connection, so this bounds how long
	// requests go to the old host after the name has moved.
	maxAge = 30 * time.Second
)

// dial makes a connection to host:port. It resolves the name each time.
type dial func(ctx context.Context, network, addr string) (net.Conn, error)

// transports holds the connections, separately for each route. When there are too many settings, the least
// recently used is dropped.
type transports struct {
	policy *reach.Policy
	dial   dial // that of the policy, but for tests

	mu    sync.Mutex // guards the rest
	byKey map[route]*entry
	uses  uint64
}

type entry struct {
	stamps  [3]keys.Stamp // of the files at the time they were read
	pooled  *http.Transport
	born    time.Time       // of pooled, so before all of its connections
	single  *http.Transport // every request gets a connection of its own
	lastUse uint64
}

func newTransports(policy *reach.Policy) *transports {
	return &transports{policy: policy, dial: policy.DialContext, byKey: make(map[route]*entry)}
}

// get returns the transport for a route. It reads the files of TLS again when they have changed, and fails if one
// can't be read, whatever is cached: no call is made with less protection than the job requires.
func (t *transports) get(key route, reuse bool) (*http.Transport, error) {
	now, err := key.tls.Stamps()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	e := t.byKey[key]
	if e != nil && e.stamps == now {
		defer t.mu.Unlock()
		return t.use(e, reuse), nil
	}
	t.mu.Unlock()
	fresh, err := t.newEntry(key, now) // reads files, so not under the mutex
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.byKey[key]; old != nil {
		if old.stamps == now { // another call was faster
			return t.use(old, reuse), nil
		}
		old.close()
	} else if len(t.byKey) >= maxTransports {
		t.evict()
	}
	t.byKey[key] = fresh
	return t.use(fresh, reuse), nil
}

func (t *transports) use(e *entry, reuse bool) *http.Transport {
	t.uses++
	e.lastUse = t.uses
	if !reuse {
		return e.single
	}
	if time.Since(e.born) >= maxAge {
		old := e.pooled
		e.pooled, e.born = old.Clone(), time.Now()
		old.CloseIdleConnections() // including those that running calls return
	}
	return e.pooled
}

func (t *transports) evict() {
	var oldest route
	var first *entry
	for key, e := range t.byKey {
		if first == nil || e.lastUse < first.lastUse {
			oldest, first = key, e
		}
	}
	first.close()
	delete(t.byKey, oldest)
}

func (t *transports) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.byKey {
		e.close()
	}
	clear(t.byKey)
}

func (t *transports) newEntry(key route, now [3]keys.Stamp) (*entry, error) {
	config, err := key.tls.Config()
	if err != nil {
		return nil, err
	}
	proxy, err := key.proxyOf()
	if err != nil {
		return nil, err
	}
	pooled := &http.Transport{
		DialContext:         key.dialer(t.dial),
		Proxy:               t.policy.Via(proxy),
		TLSClientConfig:     config,
		MaxIdleConns:        0, // bounded per host and by time
		MaxIdleConnsPerHost: maxIdlePerHost,
		IdleConnTimeout:     idleTime,
		// HTTP/1.1 only, as ever.
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
	single := pooled.Clone()
	single.DisableKeepAlives = true
	return &entry{stamps: now, pooled: pooled, born: time.Now(), single: single}, nil
}

// close closes idle connections; running calls finish on theirs, which are then closed after idleTime.
func (e *entry) close() { e.pooled.CloseIdleConnections() }
