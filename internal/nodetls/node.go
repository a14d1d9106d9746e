package nodetls

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
)

// Node is a node as its settings describe it.
type Node struct {
	Files    Files // without a certificate: the node has none
	Auto     Auto  // where it gets one from its cluster, if it has none for other nodes
	Name     string
	Server   bool
	Required bool   // connections between nodes that are not protected are refused
	Listens  string // host:port for other nodes
	Logger   *slog.Logger
}

// Auto is how a node gets its certificate from its cluster.
type Auto struct {
	On      bool
	DataDir string
	Secret  string // empty: none, so that only what the node has got before counts
	Moved   bool   // see AutoNode
	Given   bool   // whether Node.Required was given
}

// autoDir is the folder in the data directory for what a node has got from its cluster.
const autoDir = "tls"

// open returns the material of a node that gets its certificate from its cluster, nil if it can't.
func (n *Node) open() (*Material, error) {
	a := AutoNode{Dir: filepath.Join(n.Auto.DataDir, autoDir), Name: n.Name, Server: n.Server, Moved: n.Auto.Moved, New: true, Logger: n.Logger}
	if !n.Auto.On {
		return nil, nil
	}
	for _, name := range []string{"identity.json", "raft", "state", "serf"} {
		if _, err := os.Stat(filepath.Join(n.Auto.DataDir, name)); err == nil {
			a.New = false
		}
	}
	if n.Auto.Given {
		a.Required = &n.Required
	}
	if n.Auto.Secret != "" {
		var err error
		if a.Secret, err = NewSecret(n.Auto.Secret); err != nil {
			return nil, fmt.Errorf("join-secret: %w", err)
		}
	}
	return OpenAuto(a)
}

// OpenNode returns a node's material for its HTTP port and that for other nodes, each nil if there is no certificate. It refuses
// one that other nodes would refuse, and warns of what is not protected.
func OpenNode(n Node) (http, nodes *Material, err error) {
	if n.Files.Certificate != "" {
		if http, err = Open(n.Files, n.Required, n.Logger); err != nil {
			return nil, nil, err
		}
	}
	if n.Files.Authority != "" {
		return http, http, n.check(http)
	}
	if nodes, err = n.open(); err == nil && nodes == nil {
		n.warnOfPlain()
	}
	return http, nodes, err
}

// check refuses a certificate that other nodes would refuse.
func (n *Node) check(m *Material) error {
	own, role := m.Own(), Agent
	if n.Server {
		role = Server
	}
	switch {
	case !own.May(role):
		return fmt.Errorf("cert-file: its role is %s, and this node's is %s, so that others would refuse it; make one with dkron tls cert --role=%s --name=%s", own.Role, role, role, n.Name)
	case !own.Is(n.Name):
		return fmt.Errorf("cert-file: it is that of %s, and this node's name is %s, so that others would refuse it; make one with dkron tls cert --role=%s --name=%s", own, n.Name, role, n.Name)
	case own.Role == "":
		n.Logger.Warn("this node's certificate names no role, so it counts as that of a server; dkron tls cert makes one that does", "file", n.Files.Certificate)
	}
	n.Logger.Info("connections between nodes are protected by TLS", "required", n.Required)
	return nil
}

// warnOfPlain says that whoever reaches the node can give it orders, unless only this machine can reach it.
func (n *Node) warnOfPlain() {
	host, _, err := net.SplitHostPort(n.Listens)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsLoopback() {
		return
	}
	n.Logger.Warn("traffic between nodes is not protected: whoever reaches this node's RPC port can run commands on the cluster's nodes; "+
		"give all nodes the same join secret (--join-secret-file), or certificates (dkron tls --help says how)", "addr", n.Listens)
}
