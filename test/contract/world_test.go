package contract

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"dkron/test/cluster"
)

// world is the cluster that all tests share.
var world struct {
	once     sync.Once
	suite    *suite
	doors    []door
	servers  []string // their URLs
	nodes    []string // names of all nodes
	agent    string   // the agent's name
	attached sync.Once
	err      error
}

// patient keeps busy machines from electing another leader during a test: another suite tests that.
const patient = "--raft-multiplier=5"

// door is a way into the cluster.
type door struct {
	kind string // leader, follower or agent, when the cluster was started
	node string
	url  string
}

// suite replaces the test that the harness requires: the cluster outlives every test.
type suite struct {
	testing.TB
	dir string

	mu       sync.Mutex // guards what follows
	cleanups []func()
	failed   bool
	errors   []string
}

func (s *suite) Helper()         {}
func (s *suite) Name() string    { return "contract" }
func (s *suite) TempDir() string { return s.dir }

func (s *suite) Cleanup(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanups = append(s.cleanups, fn)
}

func (s *suite) Failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

func (s *suite) fail(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = true
	s.errors = append(s.errors, text)
}

func (s *suite) Error(args ...any)            { s.fail(fmt.Sprint(args...)) }
func (s *suite) Errorf(f string, args ...any) { s.fail(fmt.Sprintf(f, args...)) }
func (s *suite) Logf(f string, args ...any)   { fmt.Fprintf(os.Stderr, f+"\n", args...) }

func (s *suite) Fatal(args ...any) {
	s.fail(fmt.Sprint(args...))
	runtime.Goexit()
}

func (s *suite) Fatalf(f string, args ...any) {
	s.fail(fmt.Sprintf(f, args...))
	runtime.Goexit()
}

// startWorld starts the cluster when the first test needs it.
func startWorld(t *testing.T) {
	t.Helper()
	world.once.Do(func() {
		dir, err := os.MkdirTemp("", "dkron-contract-")
		if err != nil {
			world.err = err
			return
		}
		world.suite = &suite{dir: dir}
		done := make(chan struct{})
		go func() {
			defer close(done) // also after Fatal, which ends this goroutine
			open(cluster.Start(world.suite, cluster.Config{Servers: 3, Agents: 1, AgentHTTP: true, Flags: []string{patient}}))
		}()
		<-done
		if len(world.doors) == 0 {
			world.err = errors.New(strings.Join(world.suite.errors, "; "))
		}
	})
	if world.err != nil {
		t.Fatalf("the cluster did not start: %v", world.err)
	}
	world.attached.Do(func() { newSite(t, world.doors[0]).attached(len(world.nodes)) })
}

// open chooses the doors.
func open(c *cluster.Cluster) {
	leader, agent := c.Leader(), c.Agents[0]
	follower := c.Servers[0]
	if follower == leader {
		follower = c.Servers[1]
	}
	for _, n := range c.Servers {
		world.servers = append(world.servers, "http://"+n.HTTP)
	}
	for _, n := range c.Nodes() {
		world.nodes = append(world.nodes, n.Name)
	}
	world.agent = agent.Name
	world.doors = []door{
		{"leader", leader.Name, "http://" + leader.HTTP},
		{"follower", follower.Name, "http://" + follower.HTTP},
		{"agent", agent.Name, "http://" + agent.HTTP},
	}
}

// attached waits until a job has run on every node: a server reports ready a moment before its nodes take orders.
func (s *site) attached(nodes int) {
	s.t.Helper()
	s.create("attached", shell("true").with(job{"tags": nil}))
	s.until("jobs run on all nodes", func() bool {
		s.post(s.path("attached", "/run"), "")
		ran := make(map[string]bool)
		for _, e := range s.executions("attached") {
			ran[e.NodeName] = true
		}
		return len(ran) == nodes
	})
	s.until("they have ended", func() bool { return s.get("/v1/busy").body == "[]" })
	s.del(s.path("attached", "")).want(200)
}

// stopWorld stops the cluster and reports whether all nodes behaved.
func stopWorld(failed bool) bool {
	s := world.suite
	if s == nil {
		return true
	}
	before := len(s.errors)
	if os.Getenv("DKRON_CLUSTER_LOG") != "" && failed {
		s.failed = true // the harness shows the end of the logs
	}
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
	for _, e := range s.errors[before:] {
		fmt.Fprintln(os.Stderr, "contract:", e)
	}
	os.RemoveAll(s.dir)
	return len(s.errors) == before
}

// each runs a test at the server that leads and at one that follows.
func each(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	begin(t)
	t.Parallel()
	through(t, 2, fn)
}

// all runs a test at the agent too.
func all(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	begin(t)
	t.Parallel()
	through(t, 3, fn)
}

// alone is each for a test that changes the whole cluster: no other test runs in the meantime.
func alone(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	begin(t)
	startWorld(t)
	for _, d := range world.doors[:2] {
		t.Run(d.kind, func(t *testing.T) {
			begin(t)
			fn(t, newSite(t, d))
			for _, d := range world.doors { // the next test may come in elsewhere
				s := newSite(t, d)
				s.until("jobs can be stored at the "+d.kind, func() bool { return s.get("/v1/pause").body == `{"paused":false}` })
			}
		})
	}
}

func through(t *testing.T, doors int, fn func(t *testing.T, s *site)) {
	t.Helper()
	startWorld(t)
	for _, d := range world.doors[:doors] {
		t.Run(d.kind, func(t *testing.T) {
			begin(t)
			t.Parallel()
			fn(t, newSite(t, d))
		})
	}
}
