package roster

import "dkron/internal/codec"

// Proposal asks a server to agree to the first configuration of the cluster. Package consensus answers it, and package
// rpc carries it.
type Proposal struct {
	Coordinator string // id of the server that would write it
	IDs         []string
	Addresses   []string // of IDs
}

// Propose returns a proposal of servers.
func Propose(coordinator string, servers []Server) Proposal {
	p := Proposal{Coordinator: coordinator}
	for _, s := range servers {
		p.IDs, p.Addresses = append(p.IDs, s.ID), append(p.Addresses, s.Address)
	}
	return p
}

// Fields describes the wire form.
func (p *Proposal) Fields(w *codec.Wire) {
	w.String(1, &p.Coordinator)
	w.Strings(2, &p.IDs)
	w.Strings(3, &p.Addresses)
}

// ProposalAnswer is a server's answer to a Proposal.
type ProposalAnswer struct {
	Granted  bool
	HasState bool   // the server belongs to a cluster; no other may be founded
	Holder   string // the coordinator that holds this server's grant, if not granted
}

// Fields describes the wire form.
func (a *ProposalAnswer) Fields(w *codec.Wire) {
	w.Bool(1, &a.Granted)
	w.Bool(2, &a.HasState)
	w.String(3, &a.Holder)
}
