package authority

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"dkron"
	"dkron/internal/nodetls"
)

const (
	// firstPause and longestPause are between attempts of a node without a certificate; one that has one tries again after
	// renewPause.
	firstPause   = 100 * time.Millisecond
	longestPause = time.Second
	renewPause   = 10 * time.Minute
	// look is how often a node looks whether it needs a certificate, and an agent asks whom it should trust.
	look = 5 * time.Second
	// reportAfter is how long a node has no certificate before that is a warning, and reportAgain how often it is one.
	reportAfter = 10 * time.Second
	reportAgain = 10 * time.Minute
	// askLimit is the time limit of one server's answer.
	askLimit = 5 * time.Second
)

// Run gets this node's certificate, renews it long before its end, and on an agent keeps what it knows of the authority up to
// date, until ctx ends.
func (a *Authority) Run(ctx context.Context) {
	if a == nil {
		return
	}
	pause := firstPause
	var next, reported time.Time // when to try again, and when that last failed in the log
	for {
		now := time.Now()
		_, joined := a.Material.Joined()
		switch due := now.After(a.Material.Renew()); {
		case due && !now.Before(next):
			err := a.renew(ctx)
			if ctx.Err() != nil {
				return
			}
			a.note(err)
			if err == nil {
				pause, next, reported = firstPause, time.Time{}, time.Time{}
				continue
			}
			if joined {
				pause = renewPause
			}
			next = now.Add(pause)
			pause = min(2*pause, longestPause)
			if a.lasts() > reportAfter && now.Sub(reported) >= reportAgain {
				reported = now
				a.report(err)
			}
		case joined && a.Store == nil:
			a.ask(ctx)
		}
		wait := look
		if !joined && !next.IsZero() {
			wait = min(wait, time.Until(next))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (a *Authority) note(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.since, a.problem = time.Time{}, ""
		return
	}
	if a.problem = err.Error(); a.since.IsZero() {
		a.since = time.Now()
	}
}

// lasts returns for how long this node has not got a certificate that it needs.
func (a *Authority) lasts() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Since(a.since)
}

func (a *Authority) report(err error) {
	ends, joined := a.Material.Joined()
	if joined {
		a.log.Error("this node's certificate can't be renewed; start the servers, or this node, with the join secret before it ends", "ends", ends, "error", err)
		return
	}
	if !a.Material.Required() {
		a.log.Warn("this node has not got a certificate of its cluster yet, so that its connections may not be protected; trying again", "error", err)
		return
	}
	a.log.Warn("this node has not got a certificate of its cluster yet, so that it takes no part in it; trying again", "error", err)
}

// renew gets a certificate: a server that can sign does it itself.
func (a *Authority) renew(ctx context.Context) error {
	r, err := a.Material.NewRequest()
	if err != nil {
		return err
	}
	why := errors.New("no server is known; does --join name one?")
	if signer, err := a.signer(); err == nil {
		leaf, err := signer.Sign(r.CSR, a.own())
		if err == nil {
			err = a.Material.Install(r, leaf, a.Material.Trust())
		}
		return a.installed(err, a.Name)
	} else if a.Store != nil {
		why = err
	}
	servers := a.servers()
	for _, s := range servers {
		reply, err := a.enrolAt(ctx, s, r)
		if err == nil {
			return a.installed(a.Material.Install(r, reply.Certificate, reply.Trust.Trust), s.Name)
		}
		why = err // the last one's; the others say the same, or are gone
	}
	return why
}

func (a *Authority) enrolAt(ctx context.Context, s dkron.Node, r *nodetls.Request) (*EnrolReply, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	return a.Others.Enrol(ctx, s, &EnrolRequest{CSR: r.CSR, Name: a.Name, Role: a.own().Role, RPCAddr: a.RPCAddr})
}

func (a *Authority) installed(err error, by string) error {
	if err == nil {
		ends, _ := a.Material.Joined()
		a.log.Info("this node has a certificate of its cluster", "ends", ends, "signed_by", by)
	}
	return err
}

// own is whom this node's certificate describes.
func (a *Authority) own() nodetls.Peer {
	role := nodetls.Agent
	if a.Node.Server {
		role = nodetls.Server
	}
	return nodetls.Peer{Role: role, Name: a.Name, Cluster: a.Cluster()}
}

// servers returns the other servers that live, in any order.
func (a *Authority) servers() (list []dkron.Node) {
	for _, n := range a.Members.Live() {
		if n.Server && n.Name != a.Name && n.RPCAddr != "" {
			list = append(list, n)
		}
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] }) //nolint:gosec // no secret: which server is asked first
	return list
}

// ask asks one server whom this node should trust. If it does not answer, another one is asked next time.
func (a *Authority) ask(ctx context.Context) {
	servers := a.servers()
	if len(servers) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	t, err := a.Others.Trust(ctx, servers[0], &TrustRequest{a.Material.Trust().Version})
	if err == nil {
		err = a.Material.Learn(t.Trust)
	}
	if err != nil {
		a.log.Debug("could not ask a server about the cluster's authority", "server", servers[0].Name, "error", err)
	}
}

// signer returns what signs with the cluster's authority on this server.
func (a *Authority) signer() (*nodetls.Signer, error) {
	if a.Store == nil {
		return nil, errors.New("an agent signs nothing")
	}
	t, err := a.Store.Trust()
	if err != nil {
		return nil, err
	}
	s, err := a.Material.Signer(t.Sealed)
	if err != nil {
		return nil, dkron.Error(dkron.ErrUnavailable, "server %s can't sign: %w", cmp.Or(a.Name, "here"), err)
	}
	return s, nil
}
