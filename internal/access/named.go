package access

import (
	"slices"
	"strings"

	"dkron"
)

// Named returns the client whom a trusted proxy in front has named, with its groups. The caller has made sure of the proxy.
//
// The error is an ErrForbidden that says why the client, which is returned too, may do nothing; or that of the state.
func (a *Authorizer) Named(name string, groups []string) (*Identity, error) {
	p := &dkron.Person{Issuer: dkron.ByProxy, Subject: name, Name: name}
	some := a.Config.Named.Apply(p, groups)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.refresh(); err != nil {
		return nil, err
	}
	i := a.named(p)
	known := func(policy string) bool { return a.policies[policy] != nil }
	switch {
	case !some:
		return i, dkron.Error(dkron.ErrForbidden, "user %q may do nothing here: %s. Whoever runs this server can give a group a policy with "+
			"http-header-roles, or everybody one with http-header-default-role", name, without(groups))
	case !i.Manager() && !slices.ContainsFunc(p.Policies, known):
		return i, dkron.Error(dkron.ErrForbidden, "the policies that user %q would have do not exist: %.200s", name, strings.Join(p.Policies, ", "))
	}
	return i, nil
}

// named returns the client that is a person whom a proxy has named. The caller holds mu.
func (a *Authorizer) named(p *dkron.Person) *Identity {
	i := a.everything(dkron.Token{Name: p.Name, Type: p.Type, Policies: p.Policies}, dkron.ProofHeader)
	i.Person = p
	i.restrict(a.policies)
	return i
}

// without says that groups have no policy.
func without(groups []string) string {
	const most = 10
	if len(groups) == 0 {
		return "the proxy names no groups of this user"
	}
	text := "none of the groups " + strings.Join(groups[:min(len(groups), most)], ", ")
	if len(groups) > most {
		text += " and others"
	}
	return text + " has a policy"
}
