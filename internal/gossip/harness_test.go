package gossip

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"
	"go.uber.org/goleak"

	"dkron/internal/porttest"
	"dkron/internal/roster"
)

func TestMain(m *testing.M) {
	// Serf leaves this one behind when it cannot bind its port; there is no handle to end it by.
	code := m.Run()
	// A pending probe or exchange of state ends at its own timeout.
	for deadline := time.Now().Add(time.Minute); code == 0; time.Sleep(100 * time.Millisecond) {
		err := goleak.Find(goleak.IgnoreTopFunction("github.com/hashicorp/serf/serf.(*serfQueries).stream"))
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// history remembers what a node reports.
type history struct {
	mu     sync.Mutex // guards what follows
	events []string
	hints  int
}

func (h *history) Set(members []Member) { h.mu.Lock(); defer h.mu.Unlock(); h.hints = len(members) }

func (h *history) add(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e.Member.Name+" "+e.Kind.String())
}

func (h *history) has(event string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.events, event)
}

type node struct {
	*Pool
	history
	cfg Config
}

func start(t *testing.T, name string, change ...func(*Config)) *node {
	t.Helper()
	n := &node{}
	n.cfg = Config{NodeName: name, BindAddr: porttest.Addr(t), Profile: "local", Handler: n, OnEvent: n.add}
	if os.Getenv("GOSSIP_TEST_LOG") != "" {
		n.cfg.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil)).With("node", name)
	}
	for _, c := range change {
		c(&n.cfg)
	}
	n.restart(t)
	t.Cleanup(func() { _ = n.Close() })
	return n
}

// talkative makes nodes exchange their state every other moment, instead of every 15 s.
func talkative(c *Config) {
	c.tune = func(ml *memberlist.Config) { ml.PushPullInterval = 500 * time.Millisecond }
}

func (n *node) restart(t *testing.T) {
	t.Helper()
	p, err := Open(n.cfg)
	if err != nil {
		t.Fatal(err)
	}
	n.Pool = p
}

func (n *node) status(name string) roster.Status {
	for _, m := range n.Members() {
		if m.Name == name {
			return m.Status
		}
	}
	return roster.None
}

// member is one member as this node sees it; the order of Members is random.
// member returns a member once the node knows it: who is joined learns of it a moment after the one that joins.
func (n *node) member(t *testing.T, name string) (found Member) {
	t.Helper()
	eventually(t, n.cfg.NodeName+" knows "+name, func() bool {
		members := n.Members()
		i := slices.IndexFunc(members, func(m Member) bool { return m.Name == name })
		if i >= 0 {
			found = members[i]
		}
		return i >= 0
	})
	return found
}

func (n *node) join(t *testing.T, other *node) {
	t.Helper()
	if count, err := n.Join([]string{other.cfg.BindAddr}); err != nil || count != 1 {
		t.Fatalf("join: %d, %v", count, err)
	}
}

// news publishes a new tag of n, and waits until other has it: what happened before has arrived there too.
func (n *node) news(t *testing.T, other *node) {
	t.Helper()
	tags := maps.Clone(n.LocalMember().Tags)
	if tags == nil {
		tags = make(map[string]string)
	}
	tags["news"] = rand.Text()
	if err := n.SetTags(tags); err != nil {
		t.Fatal(err)
	}
	eventually(t, other.cfg.NodeName+" has news of "+n.cfg.NodeName, func() bool {
		return slices.ContainsFunc(other.Members(), func(m Member) bool { return m.Name == n.cfg.NodeName && m.Tags["news"] == tags["news"] })
	})
}

// notes is a log that can be asked what it has.
type notes struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (l *notes) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *notes) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	within(t, 20*time.Second, what, ok)
}

func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}
