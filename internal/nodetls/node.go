package nodetls

import (
	"fmt"
	"log/slog"
	"net"
)

// Node is a node as its settings describe it.
type Node struct {
	Files    Files // without a certificate: the node has none
	Name     string
	Server   bool
	Required bool   // connections between nodes that are not protected are refused
	Listens  string // host:port for other nodes
	Logger   *slog.Logger
}

// OpenNode returns a node's material, nil if the node has no certificate. It refuses one that other nodes would refuse, and
// warns of what is not protected.
func OpenNode(n Node) (*Material, error) {
	if n.Files.Certificate == "" {
		n.warnOfPlain()
		return nil, nil
	}
	m, err := Open(n.Files, n.Required, n.Logger)
	if err != nil {
		return nil, err
	}
	if n.Files.Authority == "" {
		n.warnOfPlain()
		return m, nil
	}
	own, role := m.Own(), Agent
	if n.Server {
		role = Server
	}
	switch {
	case !own.May(role):
		return nil, fmt.Errorf("cert-file: its role is %s, and this node's is %s, so that others would refuse it; make one with dkron tls cert --role=%s --name=%s", own.Role, role, role, n.Name)
	case !own.Is(n.Name):
		return nil, fmt.Errorf("cert-file: it is that of %s, and this node's name is %s, so that others would refuse it; make one with dkron tls cert --role=%s --name=%s", own, n.Name, role, n.Name)
	case own.Role == "":
		n.Logger.Warn("this node's certificate names no role, so it counts as that of a server; dkron tls cert makes one that does", "file", n.Files.Certificate)
	}
	n.Logger.Info("connections between nodes are protected by TLS", "required", n.Required)
	return m, nil
}

// warnOfPlain says that whoever reaches the node can give it orders, unless only this machine can reach it.
func (n *Node) warnOfPlain() {
	host, _, err := net.SplitHostPort(n.Listens)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsLoopback() {
		return
	}
	n.Logger.Warn("traffic between nodes is not protected: whoever reaches this node's RPC port can run commands on the cluster's nodes; "+
		"set cert-file, key-file and trusted-ca-file (dkron tls --help says how)", "addr", n.Listens)
}
