package cluster

import (
	"cmp"
	"dkron/internal/porttest"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Config configures a cluster.
type Config struct {
	Servers   int
	Agents    int
	Profile   string   // of gossip; default DKRON_PROFILE or local
	Flags     []string // further flags of every node
	ForAgents []string // further flags of agents; they win
	Prefix    string   // of every node's name, to tell two clusters apart

	// Cold leaves all nodes down; the test starts them.
	Cold bool
	// AgentHTTP opens the API on agents too; they forward requests to a server.
	AgentHTTP bool
	// Isolated gives every node its own network namespace, so that it can be cut off. It skips the test where that is
	// not possible.
	Isolated bool
	// Clocks lets the test set the wall clock of each node; see Node.SetClock.
	Clocks bool
	// First makes every node process 1 of its own process namespace, as in a container. It skips the test where that is
	// not possible.
	First bool
	// Descriptors, if not 0, is how many files each node may have open.
	Descriptors int
}

// Cluster is a set of nodes on this machine.
type Cluster struct {
	Servers []*Node
	Agents  []*Node

	t      testing.TB
	dir    string
	binary string
	net    network
	http   *http.Client
	probe  string // path of the probe's script
	files  int    // Config.Descriptors
	// operator is flags of commands that call nodes: a certificate, where nodes have some.
	operator []string
	secret   atomic.Pointer[string] // of the token with which nodes are asked; nil: none is needed
	soft     int                    // the soft limit of open files of the nodes; 0: as it is here
	began    time.Time

	mu     sync.Mutex // guards wrongs and events
	wrongs []string   // what nodes did unasked
	events []string
}

// Start starts a cluster and waits until it works. Everything is stopped when the test ends.
func Start(t testing.TB, cfg Config) *Cluster {
	t.Helper()
	binary, err := Binary()
	if cfg.Clocks {
		binary, err = shiftedBinary()
	}
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{t: t, dir: workDir(t), binary: binary, began: time.Now(), http: newHTTPClient(), files: cfg.Descriptors}
	c.net = loopback{}
	if cfg.Isolated {
		c.net = newNamespaces(t, cfg.Servers+cfg.Agents)
	}
	if cfg.First {
		c.net = newContainers(t)
	}
	c.writeProbe()
	for i := range cfg.Servers {
		c.Servers = append(c.Servers, c.node(cfg.Prefix+"s"+strconv.Itoa(i+1), i, true))
	}
	for i := range cfg.Agents {
		a := c.node(cfg.Prefix+"a"+strconv.Itoa(i+1), cfg.Servers+i, false)
		if cfg.AgentHTTP {
			a.HTTP = net.JoinHostPort(c.net.host(cfg.Servers+i), porttest.Port(t))
		}
		c.Agents = append(c.Agents, a)
	}
	for _, n := range c.Nodes() {
		c.arguments(n, cfg)
	}
	t.Cleanup(c.close)
	if !cfg.Cold {
		for _, n := range c.Nodes() {
			n.Start()
		}
		c.WaitReady(20 * time.Second)
	}
	return c
}

func workDir(t testing.TB) string {
	base := os.Getenv("DKRON_CLUSTER_DIR")
	if base == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(base, strings.ReplaceAll(t.Name(), "/", "_")+"-")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (c *Cluster) node(name string, i int, server bool) *Node {
	n := &Node{Name: name, Server: server, c: c, dir: filepath.Join(c.dir, name), log: filepath.Join(c.dir, name+".log"), binary: c.binary}
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		c.t.Fatal(err)
	}
	host := c.net.host(i)
	n.gossip, n.RPC = net.JoinHostPort(host, porttest.Port(c.t)), net.JoinHostPort(host, porttest.Port(c.t))
	if server {
		n.HTTP = net.JoinHostPort(host, porttest.Port(c.t))
	}
	return n
}

// Join starts one more server, which joins the others.
func (c *Cluster) Join(name string) *Node {
	c.t.Helper()
	n := c.node(name, len(c.Nodes()), true)
	c.arguments(n, Config{Profile: cmp.Or(os.Getenv("DKRON_PROFILE"), "local")})
	c.Servers = append(c.Servers, n)
	n.Start()
	return n
}

func (c *Cluster) arguments(n *Node, cfg Config) {
	if cfg.Profile == "" {
		cfg.Profile = cmp.Or(os.Getenv("DKRON_PROFILE"), "local")
	}
	_, port, _ := net.SplitHostPort(n.RPC)
	n.args = []string{
		"agent", "--node-name=" + n.Name, "--bind-addr=" + n.gossip, "--rpc-port=" + port,
		"--data-dir=" + n.DataDir(), "--profile=" + cfg.Profile, "--retry-interval=1s",
		"--log-level=info", "--tag=node=" + n.Name,
	}
	if n.Server {
		n.args = append(n.args, "--server", "--bootstrap-expect="+strconv.Itoa(len(c.Servers)))
	} else {
		n.args = append(n.args, "--tag=pool=agents")
	}
	if n.HTTP != "" {
		n.args = append(n.args, "--http-addr="+n.HTTP)
	}
	for _, s := range c.Servers {
		if s != n {
			n.args = append(n.args, "--retry-join="+s.gossip)
		}
	}
	n.args = append(n.args, cfg.Flags...)
	if !n.Server {
		n.args = append(n.args, cfg.ForAgents...)
	}
}

// AddServer starts one more server that founds no cluster, and returns it.
func (c *Cluster) AddServer(cfg Config) *Node {
	c.t.Helper()
	n := c.node("s"+strconv.Itoa(len(c.Servers)+1), len(c.Servers)+len(c.Agents), true)
	cfg.Flags = append(cfg.Flags, "--bootstrap-expect=0")
	c.arguments(n, cfg)
	c.Servers = append(c.Servers, n)
	n.Start()
	return n
}

// Nodes returns the servers, then the agents.
func (c *Cluster) Nodes() []*Node {
	return append(append([]*Node(nil), c.Servers...), c.Agents...)
}

// Event records what the test does, to be read next to a failure.
func (c *Cluster) Event(format string, args ...any) {
	line := time.Now().UTC().Format("15:04:05.000 ") + fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, line)
}

func (c *Cluster) unexpected(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrongs = append(c.wrongs, time.Now().UTC().Format("15:04:05.000 ")+what)
}

// close ends every process, and prints the logs if the test has failed.
func (c *Cluster) close() {
	c.mu.Lock()
	wrongs := append([]string(nil), c.wrongs...)
	c.mu.Unlock()
	for _, n := range c.Nodes() {
		n.Kill()
	}
	c.killProbes()
	for _, w := range wrongs {
		c.t.Error(w)
	}
	if !c.t.Failed() {
		return
	}
	c.t.Logf("events:\n%s", strings.Join(c.events, "\n"))
	for _, n := range c.Nodes() {
		c.t.Logf("---- end of the log of %s\n%s", n.Name, n.Log(40))
	}
}
