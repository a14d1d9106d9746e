package authority

import (
	"strings"
	"time"

	"dkron/internal/codec"
	"dkron/internal/nodetls"
)

// Trust is a nodetls.Trust between nodes.
type Trust struct{ nodetls.Trust }

// Fields describes the wire form.
func (t *Trust) Fields(w *codec.Wire) {
	w.Uint(1, &t.Version)
	w.Bytes(2, &t.Authority)
	w.Bytes(3, &t.Join)
	w.Bool(4, &t.Strict)
	w.Strings(5, &t.Expelled)
}

// TrustRequest asks for what is newer than the caller's version.
type TrustRequest struct{ Version uint64 }

// Fields describes the wire form.
func (r *TrustRequest) Fields(w *codec.Wire) { w.Uint(1, &r.Version) }

// EnrolRequest asks for a certificate.
type EnrolRequest struct {
	CSR     []byte // PKCS #10, in DER
	Name    string // of the node
	Role    nodetls.Role
	RPCAddr string // at which the node is reached
}

// Fields describes the wire form.
func (r *EnrolRequest) Fields(w *codec.Wire) {
	w.Bytes(1, &r.CSR)
	w.String(2, &r.Name)
	codec.Text(w, 3, &r.Role)
	w.String(4, &r.RPCAddr)
}

// EnrolReply is a certificate, and what the server knows of the authority.
type EnrolReply struct {
	Certificate []byte // in DER
	Trust       Trust
}

// Fields describes the wire form.
func (r *EnrolReply) Fields(w *codec.Wire) {
	w.Bytes(1, &r.Certificate)
	codec.Nested(w, 2, &r.Trust)
}

// ExpelRequest asks for a node to be expelled, or let in again.
type ExpelRequest struct {
	Node    string
	Readmit bool
	Direct  bool // sent to the leader: not to be forwarded
}

// Fields describes the wire form.
func (r *ExpelRequest) Fields(w *codec.Wire) {
	w.String(1, &r.Node)
	w.Bool(2, &r.Readmit)
	w.Bool(3, &r.Direct)
}

// ExpelReply is the answer.
type ExpelReply struct {
	Note string // what the operator should know; empty if nothing
}

// Fields describes the wire form.
func (r *ExpelReply) Fields(w *codec.Wire) { w.String(1, &r.Note) }

// Certificate is what a server found out about a node's certificate.
type Certificate struct {
	Node     string
	Role     nodetls.Role // empty: it has no certificate, or can't be asked
	Ends     time.Time
	Expelled bool
	Problem  string // why it can't be asked
}

// Fields describes the wire form.
func (c *Certificate) Fields(w *codec.Wire) {
	w.String(1, &c.Node)
	codec.Text(w, 2, &c.Role)
	w.Time(3, &c.Ends)
	w.Bool(4, &c.Expelled)
	w.String(5, &c.Problem)
}

// Certificates is the state of a cluster's certificates.
type Certificates struct {
	Authority string    // fingerprint; empty: the cluster has none of its own
	Ends      time.Time // of the authority
	Strict    bool      // connections without TLS are refused
	Signs     string    // why the server that was asked can't sign, empty if it can
	Nodes     []Certificate
}

// Fields describes the wire form.
func (c *Certificates) Fields(w *codec.Wire) {
	w.String(1, &c.Authority)
	w.Time(2, &c.Ends)
	w.Bool(3, &c.Strict)
	w.String(4, &c.Signs)
	codec.List(w, 5, &c.Nodes)
}

// names lists some of the names of nodes.
func names(list []string) string {
	const most = 10
	if len(list) > most {
		return strings.Join(list[:most], ", ") + ", …"
	}
	return strings.Join(list, ", ")
}
