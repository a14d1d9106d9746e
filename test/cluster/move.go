package cluster

import (
	"dkron/internal/porttest"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
)

// All of 127.0.0.0/8 belongs to this host, so a node can move without being root.
var lastHost atomic.Uint32

// newHost returns an address of this host that no node has had before.
func newHost() string {
	n := lastHost.Add(1)
	return fmt.Sprintf("127.%d.%d.%d", 100+n/(250*250)%100, n/250%250, 1+n%250)
}

// Move gives a stopped node another address; its data and ports stay, and so do the flags of the other nodes.
func (n *Node) Move(host string) {
	n.c.t.Helper()
	if n.Pid() != 0 {
		n.c.t.Fatalf("node %s moves while it runs", n.Name)
	}
	at := func(addr string) string {
		if addr == "" {
			return ""
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			n.c.t.Fatal(err)
		}
		return net.JoinHostPort(host, port)
	}
	n.place(at(n.gossip), at(n.RPC), at(n.HTTP))
}

// MovePorts gives a stopped node other ports, at the given host.
func (n *Node) MovePorts(host string) {
	n.c.t.Helper()
	at := func() string { return net.JoinHostPort(host, porttest.Port(n.c.t)) }
	http := ""
	if n.HTTP != "" {
		http = at()
	}
	n.place(at(), at(), http)
}

func (n *Node) place(gossip, rpc, http string) {
	n.mu.Lock()
	n.gossip, n.RPC, n.HTTP = gossip, rpc, http
	n.mu.Unlock()
	_, port, _ := net.SplitHostPort(rpc)
	n.setFlag("bind-addr", gossip)
	n.setFlag("rpc-port", port)
	if http != "" {
		n.setFlag("http-addr", http)
	}
}

// httpAddr is HTTP, safe to read while a node moves.
func (n *Node) httpAddr() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.HTTP
}

// setFlag replaces all arguments of a flag.
func (n *Node) setFlag(flag string, values ...string) {
	var kept []string
	for _, a := range n.args {
		if !strings.HasPrefix(a, "--"+flag+"=") {
			kept = append(kept, a)
		}
	}
	for _, v := range values {
		kept = append(kept, "--"+flag+"="+v)
	}
	n.args = kept
}
