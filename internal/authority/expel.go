package authority

import (
	"cmp"
	"context"
	"crypto/x509"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/nodetls"
)

// ExpelNode makes all nodes refuse a node, or accept it again. A server leaves Raft's configuration first, which is refused if the
// others would have no majority. A server that does not lead asks the leader.
func (a *Authority) ExpelNode(ctx context.Context, r *ExpelRequest) (*ExpelReply, error) {
	if a == nil {
		return nil, errNone()
	}
	if r.Node == "" {
		return nil, dkron.Invalid("node: want the name of a node; it is missing")
	}
	if !r.Readmit && !r.Direct {
		if err := a.Membership.Expel(ctx, r.Node); err != nil {
			return nil, err
		}
	}
	switch err := a.Raft.Leads(); {
	case err != nil && r.Direct:
		return nil, err
	case err != nil:
		return a.Leader.Expel(ctx, &ExpelRequest{Node: r.Node, Readmit: r.Readmit, Direct: true})
	}
	if err := a.Proposer.Expel(ctx, r.Node, r.Readmit); err != nil {
		return nil, err
	}
	reply := new(ExpelReply)
	if !r.Readmit && !slices.ContainsFunc(a.Members.Nodes(), func(n dkron.Node) bool { return n.Name == r.Node }) {
		reply.Note = "no member has the name " + r.Node + " at present; if that is a mistake, undo it with --readmit"
	}
	return reply, nil
}

// List returns the state of the cluster's certificates, as this server finds them now.
func (a *Authority) List(ctx context.Context) (*Certificates, error) {
	if a == nil {
		return nil, errNone()
	}
	t, err := a.Store.Trust()
	if err != nil {
		return nil, err
	}
	c := &Certificates{Authority: nodetls.Fingerprint(t.Authority), Strict: t.Strict || a.Material.Required()}
	if authority, err := x509.ParseCertificate(t.Authority); err == nil {
		c.Ends = authority.NotAfter
	}
	if _, err := a.signer(); err != nil {
		c.Signs = err.Error()
	}
	nodes := a.Members.Nodes()
	c.Nodes = a.probe(ctx, slices.DeleteFunc(slices.Clone(nodes), func(n dkron.Node) bool { return slices.Contains(t.Expelled, n.Name) }))
	for _, name := range t.Expelled {
		c.Nodes = append(c.Nodes, Certificate{Node: name, Expelled: true})
	}
	slices.SortFunc(c.Nodes, func(x, y Certificate) int { return cmp.Or(strings.Compare(x.Node, y.Node)) })
	return c, nil
}
