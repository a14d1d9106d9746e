package gossip

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/internal/porttest"
	"dkron/internal/roster"
)

// phoneBook is a name server whose entries change.
type phoneBook struct {
	mu      sync.Mutex // guards what follows
	entries map[string]string
	asked   int
}

func (b *phoneBook) set(name, ip string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries[name] = ip
}

func (b *phoneBook) lookup(_ context.Context, name string) ([]netip.Addr, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.entries[name] == "" {
		return nil, errors.New("no such host")
	}
	return []netip.Addr{netip.MustParseAddr(b.entries[name])}, nil
}

// seek makes a node look for others as long as want is not alive for it.
func (n *node) seek(t *testing.T, want string, entries ...string) {
	go n.Seek(t.Context(), Search{Entries: func() []string { return entries }, Missing: func() string {
		if n.status(want) == roster.Alive {
			return ""
		}
		return want
	}})
}

func onHost(host, port string) func(*Config) {
	return func(c *Config) { c.BindAddr = host + ":" + port }
}

func portOf(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// The only server that an agent knows is replaced. Its name leads to the new one from some time on.
func TestNameThatLeadsElsewhereIsFollowedAgainAndAgain(t *testing.T) {
	book := &phoneBook{entries: map[string]string{"server.test": "127.3.0.1"}}
	port := portOf(porttest.Addr(t))
	agent := start(t, "agent", func(c *Config) { c.Lookup = book.lookup })
	server := start(t, "server", onHost("127.3.0.1", port))
	go func() {
		_ = agent.RetryJoin(t.Context(), func() []string { return []string{"server.test:" + port} }, time.Second, 0)
	}()
	agent.seek(t, "server", "server.test:"+port)
	eventually(t, "the agent is found", func() bool { return server.status("agent") == roster.Alive })
	for _, host := range []string{"127.3.0.2", "127.3.0.3"} {
		_ = server.Close()
		server = start(t, "server", onHost(host, port)) // it has no data: it knows nobody
		book.set("server.test", host)
		eventually(t, "the agent finds the server at "+host, func() bool { return server.status("agent") == roster.Alive && agent.at(server) })
	}
}

// A cut that outlasts the time for which failed members are kept: both sides have forgotten each other.
func TestNodesThatHaveGivenEachOtherUpFindEachOtherAgain(t *testing.T) {
	brief := func(c *Config) { c.ReconnectTimeout = time.Millisecond }
	dir := t.TempDir()
	a := start(t, "a", brief)
	b := start(t, "b", brief, func(c *Config) { c.SnapshotPath = filepath.Join(dir, "snapshot") })
	b.join(t, a)
	eventually(t, "b sees a", func() bool { return b.status("a") == roster.Alive })
	_ = a.Close()
	eventually(t, "a is reaped", func() bool { return b.has("a reaped") })
	a.restart(t) // knows nobody
	b.seek(t, "a")
	eventually(t, "they find each other", func() bool { return a.status("b") == roster.Alive && b.status("a") == roster.Alive })

	_ = a.Close()
	eventually(t, "a is reaped again", func() bool { return b.status("a") == roster.None })
	_ = b.Close()
	b.restart(t) // its snapshot says that a was not alive in the end
	a.restart(t)
	b.seek(t, "a")
	eventually(t, "they find each other after a restart", func() bool { return a.status("b") == roster.Alive })
}

func TestSearchEndsWithThePoolAndReportsItsTries(t *testing.T) {
	a := start(t, "a")
	tried := make(chan bool, 100)
	done := make(chan struct{})
	go func() {
		a.Seek(t.Context(), Search{Entries: func() []string { return []string{porttest.Addr(t)} }, Missing: func() string { return "b" },
			Tried: func(found bool) { tried <- found }})
		close(done)
	}()
	if <-tried {
		t.Error("found a node")
	}
	_ = a.Close()
	<-done
}

func TestNamesAreLookedUpForEachAttemptToJoin(t *testing.T) {
	book := &phoneBook{entries: map[string]string{}}
	port := portOf(porttest.Addr(t))
	server := start(t, "server", onHost("127.3.1.1", port))
	b := start(t, "b", func(c *Config) { c.Lookup = book.lookup })
	if err := b.RetryJoin(t.Context(), func() []string { return []string{"late.test:" + port} }, time.Millisecond, 1); err == nil ||
		!strings.Contains(err.Error(), "look late.test up") {
		t.Fatalf("a name that does not exist: %v", err)
	}
	book.set("late.test", "127.3.1.1")
	if err := b.RetryJoin(t.Context(), func() []string { return []string{"late.test:" + port, "never.test"} }, time.Millisecond, 1); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server knows it", func() bool { return server.status("b") == roster.Alive })
}

// Two that move at the same time do not see each other's farewell: the third has what both need.
func TestNodesThatMoveTogetherFindEachOther(t *testing.T) {
	dir := t.TempDir()
	third := start(t, "third")
	at := func(name string) func(*Config) {
		return func(c *Config) { c.SnapshotPath = filepath.Join(dir, name, "snapshot") }
	}
	x, y := start(t, "x", at("x")), start(t, "y", at("y"))
	for range 3 {
		for _, n := range []*node{x, y} {
			if _, err := n.Join([]string{third.cfg.BindAddr}); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "all see all", func() bool { return x.at(y) && y.at(x) && third.at(x) && third.at(y) })
		x.moved(t)
		y.moved(t)
	}
}
