package authority

import (
	"context"
	"crypto/x509"
	"slices"
	"sync"
	"time"

	"dkron"
	"dkron/internal/nodetls"
	"dkron/internal/state"
)

const (
	// makeAgain is how often a leader tries to make the authority, and probeAgain and probeEach, for each node, how often it
	// looks whether all nodes have a certificate.
	makeAgain  = 200 * time.Millisecond
	probeAgain = 2 * time.Second
	probeEach  = 20 * time.Millisecond
	// calm is how long all nodes must have had certificates before others are refused for ever: a leader that has just started
	// does not know all members yet.
	calm = 10 * time.Second
	// probeLimit is the time limit of a look at a node, and probesAtOnce how many there are at the same time.
	probeLimit   = 3 * time.Second
	probesAtOnce = 16
)

// Keep makes the cluster's authority if there is none, while this server leads. When all nodes have certificates, it records that
// connections without TLS are refused from then on.
func (a *Authority) Keep(ctx context.Context) error {
	if a == nil {
		<-ctx.Done()
		return nil
	}
	defer a.miss(nil)
	var complete, reported time.Time // since when all nodes have certificates; when a failure was last in the log
	for {
		pause, err := a.lead(ctx, &complete)
		if err != nil && ctx.Err() == nil {
			pause = probeAgain
			if time.Since(reported) >= reportAgain {
				a.log.Warn("the cluster's authority could not be stored; trying again", "error", err)
				reported = time.Now()
			}
		}
		var again <-chan time.Time
		if pause > 0 {
			again = time.After(pause)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again:
		}
	}
}

// lead does the next step, and returns when to look again; 0: there is nothing left to do in this term.
func (a *Authority) lead(ctx context.Context, complete *time.Time) (time.Duration, error) {
	t, err := a.Store.Trust()
	if err != nil {
		return 0, err
	}
	secret := a.Material.Secret()
	_, joined := a.Material.Joined()
	switch {
	case len(t.Authority) == 0, !joined && secret != nil && !fits(secret, t.Authority):
		// In the second case a majority of servers was started without certificates and with a new secret, as the guide says
		// for a secret that is lost.
		if secret == nil || a.Cluster() == "" {
			return makeAgain, nil
		}
		m := state.TrustChange{Join: secret.Root(), Replaces: t.Authority}
		if m.Authority, m.Sealed, err = secret.NewAuthority(); err != nil {
			return 0, err
		}
		a.log.Info("this server makes the cluster's certificate authority", "authority", nodetls.Fingerprint(m.Authority), "replaces", nodetls.Fingerprint(t.Authority))
		return makeAgain, a.Proposer.SetAuthority(ctx, m)
	case t.Strict:
		a.miss(nil)
		return 0, nil
	}
	missing, err := a.missing(ctx)
	if err != nil {
		return 0, err
	}
	pause := probeAgain + time.Duration(len(a.Members.Nodes()))*probeEach
	switch a.miss(missing); {
	case len(missing) > 0:
		*complete = time.Time{}
	case complete.IsZero():
		*complete = time.Now()
	case time.Since(*complete) >= calm:
		a.log.Info("all nodes have certificates of the cluster: from now on connections without TLS are refused")
		return makeAgain, a.Proposer.SetAuthority(ctx, state.TrustChange{Replaces: t.Authority, Strict: true})
	}
	return pause, nil
}

func fits(s *nodetls.Secret, der []byte) bool {
	c, err := x509.ParseCertificate(der)
	return err == nil && s.Fits(c)
}

// miss notes which nodes have no certificate.
func (a *Authority) miss(nodes []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(nodes) > 0 && !slices.Equal(nodes, a.lacking) && !a.Material.Required() {
		a.log.Info("connections without TLS are accepted until all nodes have certificates", "missing", names(nodes))
	}
	a.lacking = nodes
}

// missing returns the members, and the servers of Raft's configuration, that show no certificate of the cluster.
func (a *Authority) missing(ctx context.Context) (list []string, err error) {
	servers, err := a.Raft.Servers()
	if err != nil {
		return nil, err
	}
	nodes := a.Members.Nodes()
	for _, s := range servers {
		if !slices.ContainsFunc(nodes, func(n dkron.Node) bool { return n.Name == s.ID }) {
			list = append(list, s.ID)
		}
	}
	for _, c := range a.probe(ctx, nodes) {
		if c.Role != nodetls.Server && c.Role != nodetls.Agent {
			list = append(list, c.Node)
		}
	}
	slices.Sort(list)
	return list, nil
}

// probe looks at the certificates of nodes.
func (a *Authority) probe(ctx context.Context, nodes []dkron.Node) []Certificate {
	found := make([]Certificate, len(nodes))
	var running sync.WaitGroup
	slots := make(chan struct{}, probesAtOnce)
	for i, n := range nodes {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i] = a.look(ctx, n)
		})
	}
	running.Wait()
	return found
}

func (a *Authority) look(ctx context.Context, n dkron.Node) Certificate {
	c := Certificate{Node: n.Name}
	if n.Name == a.Name {
		c.Ends, _ = a.Material.Joined()
		c.Role = a.Material.Own().Role
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	p, ends, err := a.Others.Probe(ctx, n)
	switch {
	case err != nil:
		c.Problem = err.Error()
	case !p.Secure:
		c.Problem = "it has no certificate"
	default:
		c.Role, c.Ends = p.Role, ends
	}
	return c
}
