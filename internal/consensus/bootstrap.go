package consensus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"dkron/internal/roster"
)

// The first configuration of a cluster must be written by exactly one server, and by none if a cluster exists. It is
// agreed without a leader, as follows. The server with the lowest name coordinates: when it sees enough servers, and
// has seen no change for a while, it proposes the exact set to all of them. Each server grants one proposal at a time,
// for grantFor, and says if it already belongs to a cluster. Only if all grant, early enough that no grant can have
// expired, does the coordinator bootstrap; the others get the configuration from it as the leader.
//
// Two coordinators whose sets overlap cannot both succeed, since the common server grants only one of them. A grant is
// never withdrawn for a better coordinator, because the first might already be acting on it. But a coordinator that
// meets a better one rests until its own grants have expired, and the next in rank waits longer before it tries at all.
// Servers that do not see each other at all can each found a cluster if there are twice as many as expected; that is
// why a view must be stable for settleTime first.
const (
	grantFor   = 3 * time.Second
	roundLimit = 1500 * time.Millisecond // from the first question to the bootstrap; well below grantFor
	settleTime = 750 * time.Millisecond  // how long the set of servers must be unchanged
	settleMax  = 3 * time.Second         // and after which it is tried nevertheless
	rankDelay  = 2 * time.Second         // per server with a lower name, before one tries to coordinate
	lookEvery  = 100 * time.Millisecond  // between looks at the view, at least; at most twice that
)

// What servers say to each other to found a cluster.
type (
	// Proposal asks a server to agree to the first configuration.
	Proposal = roster.Proposal
	// Answer is the server's reply.
	Answer = roster.ProposalAnswer
)

// Asker carries a proposal to another server, whose Bootstrapper.ProposeFounding answers it.
type Asker interface {
	Ask(ctx context.Context, peer Server, p Proposal) (Answer, error)
}

// founder is the part of a Node that its Bootstrapper needs.
type founder interface {
	HasState() bool
	Leader() (id, addr string)
	Bootstrap(servers []Server) error
}

// Bootstrapper agrees with its peers who founds the cluster, or waits to be added to one. ProposeFounding must be
// reachable before Run is called.
type Bootstrapper struct {
	self   Server
	expect int
	node   founder
	peers  func() []Server
	ask    Asker
	log    *slog.Logger

	mu     sync.Mutex // guards what follows
	holder string     // coordinator with this server's grant
	until  time.Time

	rest time.Time // until when this server does not coordinate; only Run uses it
}

// NewBootstrapper returns a Bootstrapper of self for a cluster that starts with expect servers. peers lists these: alive,
// with the same number of expected servers, this one included. If expect is 1, peers and ask are not used and may be
// nil.
func NewBootstrapper(self Server, expect int, node *Node, peers func() []Server, ask Asker, log *slog.Logger) *Bootstrapper {
	return newBootstrapper(self, expect, node, peers, ask, log)
}

func newBootstrapper(self Server, expect int, node founder, peers func() []Server, ask Asker, log *slog.Logger) *Bootstrapper {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	self.Voter = true
	return &Bootstrapper{self: self, expect: expect, node: node, peers: peers, ask: ask, log: log}
}

// ProposeFounding answers another server's proposal. It never blocks for long.
func (b *Bootstrapper) ProposeFounding(p Proposal) Answer {
	if b.belongs() {
		return Answer{HasState: true}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.holder != "" && b.holder != p.Coordinator && time.Now().Before(b.until) {
		return Answer{Holder: b.holder}
	}
	b.holder, b.until = p.Coordinator, time.Now().Add(grantFor)
	return Answer{Granted: true}
}

func (b *Bootstrapper) belongs() bool {
	leader, _ := b.node.Leader()
	return leader != "" || b.node.HasState()
}

// Run returns nil once this server has bootstrapped or knows a leader, or ctx' error.
func (b *Bootstrapper) Run(ctx context.Context) error {
	if b.expect < 1 || b.belongs() {
		return nil
	}
	if b.expect == 1 {
		return b.found([]Server{b.self})
	}
	v := view{expect: b.expect}
	logged := ""
	for !b.belongs() {
		v.update(b.peers(), time.Now())
		state, err := b.look(ctx, &v)
		if err != nil {
			return err
		}
		if state != logged {
			b.log.Info("bootstrap: " + state)
			logged = state
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery + rand.N(lookEvery)):
		}
	}
	return nil
}

// look acts on the present view, and returns a description of what it did.
func (b *Bootstrapper) look(ctx context.Context, v *view) (string, error) {
	if len(v.servers) < b.expect {
		return fmt.Sprintf("waiting for servers: %d of %d are members", len(v.servers), b.expect), nil
	}
	rank := slices.IndexFunc(v.servers, func(s Server) bool { return s.ID == b.self.ID })
	if rank < 0 {
		return "waiting for this server to appear in the member list", nil
	}
	if now := time.Now(); now.Before(b.rest) || !v.ready(rank, now) {
		return fmt.Sprintf("%s coordinates among %d servers", v.servers[0].ID, len(v.servers)), nil
	}
	set := v.servers[:b.expect]
	if rank >= b.expect {
		set = append(slices.Clone(v.servers[:b.expect-1]), v.servers[rank])
	}
	return b.round(ctx, v.servers, set)
}

// round asks all servers at once, including this one.
func (b *Bootstrapper) round(ctx context.Context, all, set []Server) (string, error) {
	start := time.Now()
	p := roster.Propose(b.self.ID, set)
	if a := b.ProposeFounding(p); !a.Granted {
		return b.refused(reply{b.self, a, nil}), nil
	}
	ctx, cancel := context.WithTimeout(ctx, roundLimit)
	defer cancel()
	replies := make(chan reply, len(all))
	for _, s := range all {
		if s.ID == b.self.ID {
			replies <- reply{s, Answer{Granted: true}, nil}
			continue
		}
		go func() {
			a, err := b.ask.Ask(ctx, s, p)
			replies <- reply{s, a, err}
		}()
	}
	for range all {
		select {
		case r := <-replies:
			if r.err != nil || !r.Granted || r.HasState {
				return b.refused(r), nil
			}
		case <-ctx.Done():
			return "not all servers have answered", nil
		}
	}
	if time.Since(start) > roundLimit { // this process was suspended for a while
		return "the answers came too late", nil
	}
	return "founding the cluster", b.found(slices.Clone(set))
}

type reply struct {
	from Server
	Answer
	err error
}

// refused returns why a round has failed. If a better coordinator is at work, this one gives way to it.
func (b *Bootstrapper) refused(r reply) string {
	switch {
	case r.err != nil:
		return fmt.Sprintf("%s at %s cannot be asked: %v", r.from.ID, r.from.Address, r.err)
	case r.HasState:
		return r.from.ID + " belongs to a cluster already; waiting to be added by its leader"
	}
	if r.Holder < b.self.ID {
		b.rest = time.Now().Add(grantFor + lookEvery)
		b.mu.Lock()
		if b.holder == b.self.ID {
			b.holder = ""
		}
		b.mu.Unlock()
	}
	return r.from.ID + " has agreed to another coordinator, " + r.Holder
}

// found writes the configuration. An existing one is not an error.
func (b *Bootstrapper) found(set []Server) error {
	names := make([]string, len(set))
	for i := range set {
		set[i].Voter = true
		names[i] = set[i].ID
	}
	err := b.node.Bootstrap(set)
	if err != nil && !errors.Is(err, ErrHasState) {
		return fmt.Errorf("bootstrap: %w", err)
	}
	b.log.Info("bootstrap: this server founded the cluster", "servers", strings.Join(names, ","))
	return nil
}

// view is what a server sees of its peers, and since when.
type view struct {
	expect  int
	servers []Server  // by name
	since   time.Time // when servers last changed
	enough  time.Time // since when there are as many as expected
}

func (v *view) update(servers []Server, now time.Time) {
	servers = slices.Clone(servers)
	slices.SortFunc(servers, func(a, b Server) int { return strings.Compare(a.ID, b.ID) })
	if slices.Equal(servers, v.servers) {
		return
	}
	if len(servers) >= v.expect && len(v.servers) < v.expect {
		v.enough = now
	}
	v.servers, v.since = servers, now
}

// ready reports whether the server of this rank may coordinate now. A view that never settles is used too, after
// settleMax.
func (v *view) ready(rank int, now time.Time) bool {
	delay := time.Duration(rank) * rankDelay
	return now.Sub(v.since) >= settleTime+delay || now.Sub(v.enough) >= settleMax+delay
}
