package consensus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"dkron/internal/liblog"
)

// register knows who lives where: what gossip and the dialler know in the whole program.
type register struct {
	mu    sync.Mutex // guards what follows
	homes map[string]string
}

func (w *register) where(id string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.homes[id]
}

func (w *register) move(s *server) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.homes[s.cfg.ID] = s.cfg.AdvertiseAddr
}

// dial reaches a server only where it lives.
func (w *register) dial(ctx context.Context, id, addr string) (net.Conn, error) {
	if w.where(id) != addr {
		return nil, fmt.Errorf("%s is not at %s", id, addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addr)
}

func inTown(w *register) func(*Config) {
	return func(c *Config) {
		w.homes[c.ID] = c.AdvertiseAddr
		c.Dial, c.Where = w.dial, w.where
	}
}

// elsewhere gives a stopped server another address.
func (s *server) elsewhere(addr string) {
	s.t.Helper()
	if addr == "" {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		s.cfg.Listener, addr = ln, ln.Addr().String()
	}
	s.cfg.AdvertiseAddr = addr
}

func TestServersThatAllMoveElectALeaderAndCorrectTheConfiguration(t *testing.T) {
	w := &register{homes: make(map[string]string)}
	all := cluster(t, 3, inTown(w))
	propose(t, waitLeader(t, all...), "before")
	for _, s := range all {
		s.stop()
		s.elsewhere("")
	}
	for _, s := range all {
		s.start()
		w.move(s)
	}
	leader := waitLeader(t, all...)
	propose(t, leader, "after")
	for _, s := range all {
		if err := leader.node.AddServer(t.Context(), s.cfg.ID, s.cfg.AdvertiseAddr, true); err != nil {
			t.Fatal(err)
		}
	}
	sameValues(t, all...)
	for _, s := range all {
		eventually(t, 10*time.Second, s.cfg.ID+" to know the leader's new address", func() bool {
			id, addr := s.node.Leader()
			return id == leader.cfg.ID && addr == leader.cfg.AdvertiseAddr
		})
	}
}

func TestServersThatChangePlacesKeepTheirVotes(t *testing.T) {
	w := &register{homes: make(map[string]string)}
	all := cluster(t, 3, inTown(w))
	propose(t, waitLeader(t, all...), "before")
	var addrs []string
	for _, s := range all {
		s.stop()
		addrs = append(addrs, s.cfg.AdvertiseAddr)
	}
	for i, s := range all {
		s.elsewhere(addrs[(i+1)%3])
		s.start()
		w.move(s)
	}
	leader := waitLeader(t, all...)
	propose(t, leader, "after")
	least := 3
	for _, s := range all {
		if err := leader.node.AddServer(t.Context(), s.cfg.ID, s.cfg.AdvertiseAddr, true); err != nil {
			t.Fatal(err)
		}
		servers, _, err := leader.node.Servers()
		if err != nil {
			t.Fatal(err)
		}
		least = min(least, len(servers))
	}
	if least < 3 {
		t.Errorf("for a while only %d servers were in the configuration", least)
	}
	servers, _, err := leader.node.Servers()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range servers {
		if !s.Voter || w.where(s.ID) != s.Address {
			t.Errorf("the configuration has %+v, which is at %s", s, w.where(s.ID))
		}
	}
	sameValues(t, all...)
}

func TestServerIsFoundByTheConfigurationIfWhatIsSaidOfItIsOld(t *testing.T) {
	w := &register{homes: make(map[string]string)}
	said := &register{homes: map[string]string{"a": "127.0.0.1:1", "b": "127.0.0.1:1", "c": "127.0.0.1:1"}}
	all := cluster(t, 3, inTown(w), func(c *Config) { c.Where = said.where })
	propose(t, waitLeader(t, all...), "x")
	sameValues(t, all...)
}

// One address after the other: what the library takes for one candidate is two.
func TestNoTwoServersGetOneVoteByUsingOneAddress(t *testing.T) {
	voter := newServer(t, "voter").start()
	servers := []Server{voter.self(), {ID: "x", Address: "127.0.0.1:1", Voter: true}, {ID: "y", Address: "127.0.0.1:2", Voter: true}}
	if err := voter.node.Bootstrap(servers); err != nil {
		t.Fatal(err)
	}
	ask := func(id string, term uint64) bool {
		s := newServer(t, id)
		defer s.stop()
		cfg, err := s.cfg.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		way := newStreams(cfg)
		way.open()
		p := newPeers(way, liblog.New(cfg.Logger, "raft"))
		s.cfg.Listener = nil
		defer p.Close()
		req := &raft.RequestVoteRequest{
			RPCHeader: raft.RPCHeader{ProtocolVersion: raft.ProtocolVersionMax, ID: []byte(id), Addr: []byte("127.0.0.1:9")},
			Term:      term, LastLogIndex: 100, LastLogTerm: term - 1, LeadershipTransfer: true,
		}
		var resp raft.RequestVoteResponse
		if err := p.RequestVote("voter", raft.ServerAddress(voter.cfg.AdvertiseAddr), req, &resp); err != nil {
			t.Fatal(err)
		}
		return resp.Granted
	}
	const term = 1000
	if !ask("x", term) {
		t.Fatal("x got no vote")
	}
	if !ask("x", term) {
		t.Error("x asked again and was refused")
	}
	if ask("y", term) {
		t.Error("y got the vote that x has, since it uses x's address")
	}
}

func TestRoutes(t *testing.T) {
	said := ""
	seen := new(sights)
	cfg, err := Config{ID: "a", AdvertiseAddr: "a:1", DataDir: t.TempDir(), Listener: newBranchListener(t),
		Where: func(string) string { return said }, Observer: seen}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	r := newRoutes(cfg)
	step := func(what, want string, err error) {
		t.Helper()
		got := r.pick("b", "b:1")
		if got != want {
			t.Errorf("%s: dials %s, want %s", what, got, want)
		}
		r.tried("b", got, err)
	}
	gone := errors.New("connection refused")
	step("nothing is said", "b:1", gone)
	step("nothing else is known", "b:1", gone)
	said = "b:2"
	step("it says where it is", "b:2", nil)
	step("it was found there", "b:2", gone)
	step("it is not there any more", "b:1", gone)
	step("nor where it was configured", "b:2", gone)
	step("both are tried in turn", "b:1", nil)
	step("it keeps to what works", "b:1", nil)
	said = "b:3"
	step("it says something new", "b:3", nil)
	if seen.moved != 3 {
		t.Errorf("counted %d moves, want 3", seen.moved)
	}
}

func newBranchListener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
