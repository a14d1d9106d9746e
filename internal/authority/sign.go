package authority

import (
	"strings"

	"dkron"
	"dkron/internal/nodetls"
)

// Enrol signs a certificate for the node that calls: one that knows the join secret, or has a certificate already.
func (a *Authority) Enrol(caller nodetls.Peer, r *EnrolRequest) (*EnrolReply, error) {
	if a == nil {
		return nil, errNone()
	}
	has := caller.Role
	if has == nodetls.Joining {
		has = caller.Wish
	}
	switch {
	case !caller.Secure:
		return nil, dkron.Error(dkron.ErrForbidden, "a certificate is signed only for a node that proves by TLS that it knows the join secret")
	case r.Role != nodetls.Server && r.Role != nodetls.Agent:
		return nil, dkron.Invalid("role: want server or agent, not %q", r.Role)
	case r.Name == "" || strings.ContainsAny(r.Name, "/\x00"):
		return nil, dkron.Invalid("name: want the name of a node, without a slash, not %q", r.Name)
	case caller.Name != r.Name || has != r.Role:
		return nil, dkron.Error(dkron.ErrForbidden, "%s asks for a certificate of %s %s", caller, r.Role, r.Name)
	}
	for _, n := range a.Members.Live() {
		if n.Name == r.Name && n.RPCAddr != "" && n.RPCAddr != r.RPCAddr {
			return nil, dkron.Conflict("a node named %s lives at %s, so the one at %s gets no certificate; give it another --node-name", r.Name, n.RPCAddr, r.RPCAddr)
		}
	}
	signer, err := a.signer()
	if err != nil {
		return nil, err
	}
	certificate, err := signer.Sign(r.CSR, nodetls.Peer{Role: r.Role, Name: r.Name, Cluster: a.Cluster()})
	if err != nil {
		return nil, dkron.Invalid("csr: %w", err)
	}
	a.log.Info("signed the certificate of a node", "member", r.Name, "role", string(r.Role), "addr", r.RPCAddr, "for", nodetls.LeafFor)
	return &EnrolReply{Certificate: certificate, Trust: Trust{a.Material.Trust()}}, nil
}

// TrustSince returns what this server knows of the authority, if that is newer than what the caller has.
func (a *Authority) TrustSince(r *TrustRequest) (*Trust, error) {
	if a == nil {
		return nil, errNone()
	}
	t := a.Material.Trust()
	if t.Version <= r.Version {
		return new(Trust), nil
	}
	return &Trust{t}, nil
}
