package gossip

import (
	"net"
	"sync"

	"github.com/hashicorp/memberlist"

	"dkron/internal/limit"
)

// transport is the library's, with a limit on incoming connections: the library accepts any number, and keeps a silent
// one for ten seconds.
type transport struct {
	*memberlist.NetTransport
	conns   *limit.Conns
	streams chan net.Conn
	done    chan struct{}
	ending  sync.Once
	running sync.WaitGroup
}

func newTransport(ml *memberlist.Config, conns *limit.Conns) (*transport, error) {
	inner, err := memberlist.NewNetTransport(&memberlist.NetTransportConfig{BindAddrs: []string{ml.BindAddr}, BindPort: ml.BindPort, Logger: ml.Logger})
	if err != nil {
		return nil, err
	}
	t := &transport{NetTransport: inner, conns: conns, streams: make(chan net.Conn), done: make(chan struct{})}
	t.running.Go(t.admit)
	return t, nil
}

// StreamCh implements memberlist.Transport.
func (t *transport) StreamCh() <-chan net.Conn { return t.streams }

func (t *transport) admit() {
	for {
		select {
		case c := <-t.NetTransport.StreamCh():
			conn, ok := t.conns.Admit(c)
			if !ok {
				_ = c.Close()
				continue
			}
			select {
			case t.streams <- conn:
			case <-t.done:
				_ = conn.Close()
			}
		case <-t.done:
			return
		}
	}
}

// Shutdown implements memberlist.Transport.
func (t *transport) Shutdown() error {
	err := t.NetTransport.Shutdown() // waits for its listener, which may wait for admit
	t.ending.Do(func() { close(t.done) })
	t.running.Wait()
	return err
}
