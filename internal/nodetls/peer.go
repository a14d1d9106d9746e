package nodetls

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Role is what a certificate's owner is to a cluster.
type Role string

// The roles. Only a server takes part in Raft and forwards requests; an agent relays HTTP; an operator runs the commands of
// dkron against nodes.
const (
	Server   Role = "server"
	Agent    Role = "agent"
	Operator Role = "operator"
	// Joining is the role of a node that knows the join secret of its cluster, and has no certificate of it yet.
	Joining Role = "joining"
)

// Roles is all roles that a certificate can be made for.
var Roles = []Role{Server, Agent, Operator}

// Peer is who is at the other end of a connection.
type Peer struct {
	// Secure is false for a connection without TLS; then nothing else is known.
	Secure  bool
	Role    Role   // empty: the certificate names none, so that it may be used by any
	Name    string // of the node; empty: the certificate names none
	Cluster string // the id of the only cluster that it is for; empty: it is for any

	Wish Role // of one that is joining: the role that it asks for
	// Provisional is whether one that is joining counts as what it wishes to be: while this node knows no authority of its
	// cluster, and while it also accepts nodes without TLS.
	Provisional bool

	names []string // DNS names and addresses of a certificate without Name
}

// scheme is that of the URI in a certificate of ours: dkron://server/node1?cluster=ID.
const scheme = "dkron"

func uriOf(p Peer) *url.URL {
	u := &url.URL{Scheme: scheme, Host: string(p.Role), Path: "/" + p.Name}
	query := make(url.Values)
	if p.Cluster != "" {
		query.Set("cluster", p.Cluster)
	}
	if p.Wish != "" {
		query.Set("as", string(p.Wish))
	}
	u.RawQuery = query.Encode()
	return u
}

// peerOf returns whom a certificate describes. One without a URI of ours, from an authority that knows nothing of dkron,
// describes a node of any role by its DNS names, its addresses and its common name.
func peerOf(c *x509.Certificate) (Peer, error) {
	for _, u := range c.URIs {
		if u.Scheme != scheme {
			continue
		}
		p := Peer{Secure: true, Role: Role(u.Host), Name: strings.TrimPrefix(u.Path, "/"), Cluster: u.Query().Get("cluster"), Wish: Role(u.Query().Get("as"))}
		if p.Role == Joining && (p.Wish == Server || p.Wish == Agent) {
			return p, nil
		}
		if !slices.Contains(Roles, p.Role) {
			return Peer{}, fmt.Errorf("its certificate has the role %q, which is none of %s, %s and %s", p.Role, Server, Agent, Operator)
		}
		return p, nil
	}
	p := Peer{Secure: true, names: append([]string{c.Subject.CommonName}, c.DNSNames...)}
	for _, ip := range c.IPAddresses {
		p.names = append(p.names, ip.String())
	}
	return p, nil
}

// Is reports whether the peer may be the node of that name.
func (p Peer) Is(name string) bool {
	switch {
	case !p.Secure:
		return true
	case p.Role != "":
		return p.Name == name
	}
	return slices.ContainsFunc(p.names, func(n string) bool { return strings.EqualFold(n, name) })
}

// May reports whether the peer may do what is for the given roles.
func (p Peer) May(roles ...Role) bool {
	if p.Role == Joining {
		return p.Provisional && slices.Contains(roles, p.Wish)
	}
	return !p.Secure || p.Role == "" || slices.Contains(roles, p.Role)
}

// String names the peer for people.
func (p Peer) String() string {
	switch {
	case !p.Secure:
		return "a node without a certificate"
	case p.Role == "":
		return fmt.Sprintf("the node with the certificate of %s", strings.Join(p.names, ", "))
	case p.Role == Joining:
		return fmt.Sprintf("%s %s, which has no certificate of the cluster yet,", p.Wish, p.Name)
	case p.Name == "":
		return "an " + string(p.Role)
	}
	return string(p.Role) + " " + p.Name
}
