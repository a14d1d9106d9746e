package gossip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/hashicorp/serf/serf"

	"dkron"
	"dkron/internal/limit"
)

// Pool is this node's view of all nodes.
type Pool struct {
	cfg      Config
	serf     *serf.Serf
	self     identity
	ring     *memberlist.Keyring // the keys that are in use; nil: none
	roll     *roll
	log      *slog.Logger
	started  time.Time
	conns    *limit.Conns
	ready    chan struct{} // closed when the fields above are set
	settling sync.Mutex
	joining  joining
	memory   *memory // of the goroutine that delivers
	former   *former
	taking   sync.Mutex // held while this node takes over its name from its old address

	stop    chan struct{} // closed when the pool ends, for whatever reason
	ending  sync.Once
	done    chan error
	running sync.WaitGroup

	mu     sync.Mutex // guards what follows, and running against additions while it is waited for
	closed bool
	reason error // why the pool ended, if not by request

	refusals uint64              // how often members were refused
	refused  map[string]struct{} // host:port of members that were refused recently
}

// Open starts the node in a pool of its own, and starts to look for the peers that it had before a restart.
func Open(cfg Config) (*Pool, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	sc, err := cfg.serf()
	if err != nil {
		return nil, err
	}
	if cfg.Lookup == nil {
		cfg.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	peers, lost := previousPeers(cfg.SnapshotPath, cfg.NodeName)
	saved := openMemory(cfg.SnapshotPath)
	peers = append(peers, slices.DeleteFunc(slices.Clone(saved.saved), func(a string) bool { return slices.Contains(peers, a) })...)
	p := &Pool{cfg: cfg, memory: saved, roll: newRoll(slices.Concat(peers, lost)), log: cfg.Logger, started: time.Now(), ready: make(chan struct{}), stop: make(chan struct{}),
		done: make(chan error, 1), ring: sc.MemberlistConfig.Keyring}
	events, q := make(chan serf.Event, 64), newQueue(queueLimit)
	sc.EventCh = events
	// Not sc.Merge, which is one hook for both and does not say for which it is called.
	hooks := names{p, cfg.NodeName, cfg.Admit}
	sc.MemberlistConfig.Merge, sc.MemberlistConfig.Alive = hooks, hooks
	if cfg.Connections == 0 {
		cfg.Connections = 64
	}
	p.conns = limit.NewConns(cfg.Connections)
	carrier, err := newTransport(sc.MemberlistConfig, p.conns)
	if err != nil {
		return nil, openError(cfg, err)
	}
	if ml := sc.MemberlistConfig; ml.BindPort == 0 { // the library does this only where it opens its port itself
		ml.BindPort = carrier.GetAutoBindPort()
		ml.AdvertisePort = ml.BindPort
	}
	sc.MemberlistConfig.Transport = carrier

	p.former = openFormer(cfg.SnapshotPath)
	p.running.Go(func() { q.collect(events, p.roll.note, p.stop) })
	if p.serf, err = serf.Create(sc); err != nil {
		p.end(nil)
		p.running.Wait()
		_ = carrier.Shutdown()
		return nil, openError(cfg, err)
	}
	p.self = identityOf(p.serf.Memberlist().LocalNode())
	if err := p.former.add(p.self.endpoint()); err != nil {
		p.log.Warn("could not save this node's address; if it moves, the others take longer to accept that", "error", err)
	}
	close(p.ready)
	if cfg.Handler != nil {
		cfg.Handler.Set(p.Members())
	}
	p.running.Go(func() { q.deliver(cfg.OnEvent, cfg.Handler, p, p.stop) })
	p.running.Go(p.watch)
	if len(peers) > 0 {
		p.running.Go(func() { p.rejoin(peers) })
	}
	return p, nil
}

// openError adds the flag to change to the library's error.
func openError(cfg Config, err error) error {
	text := err.Error() // wrapped as text only
	switch {
	case strings.Contains(text, syscall.EADDRINUSE.Error()):
		return fmt.Errorf("gossip address %s is already in use, choose another --bind-addr: %w", cfg.BindAddr, err)
	case strings.Contains(text, syscall.EADDRNOTAVAIL.Error()):
		return fmt.Errorf("gossip address %s is not one of this host, choose another --bind-addr: %w", cfg.BindAddr, err)
	case strings.Contains(text, "length of tags"):
		return fmt.Errorf("tags are too long, use fewer or shorter --tag: %w", err)
	}
	return fmt.Errorf("start gossip: %w", err)
}

// watch ends the pool if serf ends by itself.
func (p *Pool) watch() {
	select {
	case <-p.serf.ShutdownCh():
		p.end(errors.New("gossip has stopped by itself"))
	case <-p.stop:
	}
}

// background runs f unless the pool is closed.
func (p *Pool) background(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.running.Go(f)
	}
}

// end stops everything; Done receives reason, nil: on request.
func (p *Pool) end(err error) {
	p.ending.Do(func() {
		if err != nil {
			p.mu.Lock()
			p.reason = err
			p.mu.Unlock()
			p.done <- err
		}
		close(p.done)
		close(p.stop)
		if err != nil && p.serf != nil {
			go func() { _ = p.serf.Shutdown() }() // we may be inside one of its calls
		}
	})
}

// Done receives the reason why the pool ended by itself, such as a *ConflictError, and is closed when it has ended.
func (p *Pool) Done() <-chan error { return p.done }

// Join joins the pool of the nodes at addrs; host:port, or host with this node's own port number. It returns how many
// answered, and an error if none did. If another node has this node's name, it returns a *ConflictError and the pool
// has ended.
func (p *Pool) Join(addrs []string) (int, error) {
	before := p.refusalCount()
	n, err := p.join(addrs)
	select {
	case <-p.stop:
		return 0, p.closedError()
	default:
	}
	switch {
	case err != nil && p.refusalCount() != before:
		return n, dkron.Error(dkron.ErrForeign, "join: %w", err)
	case err != nil:
		return n, joinError(err)
	}
	return n, nil
}

// Connections returns how many connections others have open to this node.
func (p *Pool) Connections() limit.Usage { return p.conns.Usage() }

// closedError is why the pool has ended.
func (p *Pool) closedError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason != nil {
		return p.reason
	}
	return errors.New("gossip is closed")
}

// ErrKey is wrapped by the error of a join that the other node cut off without an answer, as a node does that can't
// decrypt the message.
var ErrKey = errors.New("the other node does not understand this one; probably the encryption key (--encrypt, or serf/keyring in the data " +
	"directory) is none of the other node's, because the cluster's keys were changed, or only one of them has one")

// joinError explains the library's error to the operator.
func joinError(err error) error {
	text := err.Error()
	for _, sign := range []string{"EOF", "reset by peer", "decrypt", "encrypt"} {
		if strings.Contains(text, sign) {
			return fmt.Errorf("join: %w: %w", ErrKey, err)
		}
	}
	return fmt.Errorf("join: %w", err)
}

// Members returns all known members, this one included, also those that failed or left recently.
func (p *Pool) Members() []Member {
	var list []Member
	for _, m := range p.serf.Members() {
		list = append(list, memberOf(m))
	}
	return list
}

// LocalMember is this node.
func (p *Pool) LocalMember() Member { return memberOf(p.serf.LocalMember()) }

// SetTags replaces this node's tags, and publishes them.
func (p *Pool) SetTags(tags map[string]string) error {
	if err := p.serf.SetTags(tags); err != nil {
		return openError(Config{}, err)
	}
	return nil
}

// Stats are serf's figures.
func (p *Pool) Stats() map[string]string { return p.serf.Stats() }

// Leave announces that this node leaves, and returns when the others can be expected to know. Call Close after it. If
// ctx ends first, some nodes may see this node as failed.
func (p *Pool) Leave(ctx context.Context) error {
	left := make(chan error, 1)
	p.background(func() { left <- p.serf.Leave() })
	select {
	case err := <-left:
		return err
	case <-ctx.Done():
		return fmt.Errorf("leave: %w", ctx.Err())
	case <-p.stop:
		return errors.New("gossip is closed")
	}
}

// Close stops without informing the others.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.end(nil)
	err := p.serf.Shutdown()
	p.running.Wait()
	return err
}

func (p *Pool) others() int {
	n := 0
	for _, m := range p.serf.Members() {
		if m.Name != p.self.name && m.Status == serf.StatusAlive {
			n++
		}
	}
	return n
}
