package authority

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/nodetls"
	"dkron/internal/roster"
	"dkron/internal/state"
)

const aSecret = "correct horse battery staple"

var quiet = slog.New(slog.DiscardHandler)

// cluster is nodes in one process: its state, and who answers whom.
type cluster struct {
	t *testing.T

	mu    sync.Mutex // guards what follows
	trust state.Trust
	id    string
	nodes map[string]*Authority
	plain []string // nodes without certificates
	down  []string
	keeps error // from Membership.Expel
	led   bool
	log   []string
}

func newCluster(t *testing.T) *cluster {
	return &cluster{t: t, id: "c1", nodes: make(map[string]*Authority), led: true}
}

// add adds a node with a secret, or with none.
func (c *cluster) add(name string, server bool, secret string) *Authority {
	c.t.Helper()
	n := nodetls.AutoNode{Dir: c.t.TempDir(), Name: name, Server: server, New: true, Logger: quiet}
	var err error
	if n.Secret, err = nodetls.NewSecret(secret); err != nil {
		c.t.Fatal(err)
	}
	m, err := nodetls.OpenAuto(n)
	if err != nil {
		c.t.Fatal(err)
	}
	a := New(Node{Name: name, Server: server, RPCAddr: name + ":1", Material: m, Members: c, Others: c, Cluster: c.cluster, Logger: quiet})
	if server {
		a.Serve(Server{Store: kept{c}, Proposer: c, Raft: c, Membership: membership{c}, Leader: leader{c}})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes[name] = a
	return a
}

// set changes the cluster while its nodes run.
func (c *cluster) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *cluster) cluster() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id
}

// now is the replicated record as it is.
func (c *cluster) now() state.Trust {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trust
}

func (c *cluster) Nodes() (list []dkron.Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, a := range c.nodes {
		list = append(list, dkron.Node{Name: name, Server: a.Node.Server, RPCAddr: name + ":1", Alive: !slices.Contains(c.down, name)})
	}
	slices.SortFunc(list, func(a, b dkron.Node) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (c *cluster) Live() []dkron.Node {
	return slices.DeleteFunc(c.Nodes(), func(n dkron.Node) bool { return !n.Alive })
}

func (c *cluster) at(name string) (*Authority, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.down, name) {
		return nil, errors.New("no answer")
	}
	return c.nodes[name], nil
}

func (c *cluster) Enrol(_ context.Context, server dkron.Node, r *EnrolRequest) (*EnrolReply, error) {
	a, err := c.at(server.Name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	caller := c.nodes[r.Name].Material.Own()
	c.mu.Unlock()
	return a.Enrol(caller, r)
}

func (c *cluster) Trust(_ context.Context, server dkron.Node, have *TrustRequest) (*Trust, error) {
	a, err := c.at(server.Name)
	if err != nil {
		return nil, err
	}
	return a.TrustSince(have)
}

func (c *cluster) Probe(_ context.Context, node dkron.Node) (nodetls.Peer, time.Time, error) {
	a, err := c.at(node.Name)
	c.mu.Lock()
	plain := slices.Contains(c.plain, node.Name)
	c.mu.Unlock()
	if err != nil || plain {
		return nodetls.Peer{}, time.Time{}, err
	}
	ends, _ := a.Material.Joined()
	return a.Material.Own(), ends, nil
}

func (c *cluster) SetAuthority(_ context.Context, ch state.TrustChange) error {
	c.mu.Lock()
	if string(ch.Replaces) != string(c.trust.Authority) {
		c.mu.Unlock()
		return dkron.ErrConflict
	}
	if len(ch.Authority) > 0 {
		c.trust.Authority, c.trust.Join, c.trust.Sealed = ch.Authority, ch.Join, ch.Sealed
	}
	c.trust.Strict = c.trust.Strict || ch.Strict
	c.mu.Unlock()
	c.commit()
	return nil
}

// commit lets all servers take over the state.
func (c *cluster) commit() {
	c.mu.Lock()
	c.trust.Version++
	t := c.trust
	var servers []*Authority
	for _, a := range c.nodes {
		if a.Node.Server {
			servers = append(servers, a)
		}
	}
	c.mu.Unlock()
	for _, a := range servers {
		Learn(a.Material, quiet)(&t)
	}
}

func (c *cluster) Expel(_ context.Context, node string, readmit bool) error {
	c.mu.Lock()
	if readmit {
		c.trust.Expelled = nil
	} else {
		c.trust.Expelled = []string{node}
	}
	c.mu.Unlock()
	c.commit()
	return nil
}

func (c *cluster) Servers() (list []roster.Server, err error) {
	for _, n := range c.Nodes() {
		if n.Server {
			list = append(list, roster.Server{ID: n.Name})
		}
	}
	return list, nil
}

func (c *cluster) Leads() error {
	if c.led {
		return nil
	}
	return dkron.ErrNoLeader
}

type membership struct{ *cluster }

func (m membership) Expel(_ context.Context, node string) error {
	m.log = append(m.log, "removed "+node)
	return m.keeps
}

type leader struct{ *cluster }

func (l leader) Expel(_ context.Context, r *ExpelRequest) (*ExpelReply, error) {
	l.log = append(l.log, "asked the leader")
	if !r.Direct {
		l.t.Error("the leader may pass it on again")
	}
	return new(ExpelReply), nil
}

// kept is the replicated state.
type kept struct{ *cluster }

func (k kept) Trust() (*state.Trust, error) {
	t := k.now()
	return &t, nil
}

func joined(nodes ...*Authority) bool {
	for _, n := range nodes {
		if _, ok := n.Material.Joined(); !ok {
			return false
		}
	}
	return true
}

func TestTheLeaderMakesAnAuthorityOnceAndAllNodesGetCertificates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		c.id = ""
		s1, s2, w := c.add("s1", true, aSecret), c.add("s2", true, aSecret), c.add("w", false, aSecret)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, n := range []*Authority{s1, s2, w} {
			go n.Run(ctx)
		}
		go func() { _ = s1.Keep(ctx) }()
		time.Sleep(time.Minute)
		if len(c.now().Authority) > 0 || joined(s1) || len(w.Notices()) != 1 {
			t.Errorf("before the cluster has an id: %v", w.Notices())
		}
		c.set(func() { c.id, c.plain = "c1", []string{"w"} })
		time.Sleep(time.Minute)
		first := c.now().Authority
		if len(first) == 0 || !joined(s1, s2, w) || c.now().Strict || w.Material.Own().Cluster != "c1" || len(w.Notices()) != 0 {
			t.Errorf("%d bytes, strict %t, %+v", len(first), c.now().Strict, w.Material.Own())
		}
		c.set(func() { c.plain = nil })
		time.Sleep(time.Minute)
		if !c.now().Strict || string(c.now().Authority) != string(first) || !w.Material.Trust().Strict {
			t.Errorf("strict %t, and for the agent %+v", c.now().Strict, w.Material.Trust().Strict)
		}
		cancel()
		synctest.Wait()
	})
}

func TestNodesWithoutTLSAreAcceptedUntilTheLastHasACertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		s1, s2 := c.add("s1", true, aSecret), c.add("s2", true, aSecret)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, n := range []*Authority{s1, s2} {
			go n.Run(ctx)
		}
		go func() { _ = s1.Keep(ctx) }()
		c.set(func() { c.down = []string{"s2"} }) // it may come back without TLS
		time.Sleep(time.Hour)
		if c.now().Strict {
			t.Error("a server that is down would be locked out")
		}
		c.set(func() { c.down = nil })
		time.Sleep(time.Minute)
		if !c.now().Strict {
			t.Error("not strict")
		}
		cancel()
		synctest.Wait()
	})
}

func TestCertificatesAreRenewedLongBeforeTheirEndAndWithoutOneServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		s1, s2, w := c.add("s1", true, aSecret), c.add("s2", true, aSecret), c.add("w", false, aSecret)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, n := range []*Authority{s1, s2, w} {
			go n.Run(ctx)
		}
		go func() { _ = s1.Keep(ctx) }()
		time.Sleep(time.Minute)
		first, _ := w.Material.Joined()
		c.set(func() { c.down = []string{"s2"} })
		time.Sleep(nodetls.LeafFor / 2)
		if ends, _ := w.Material.Joined(); !ends.Equal(first) {
			t.Error("renewed too early")
		}
		time.Sleep(nodetls.LeafFor / 4)
		if ends, _ := w.Material.Joined(); !ends.After(first) || time.Until(ends) < nodetls.LeafFor/2 {
			t.Errorf("not renewed: %s", ends)
		}
		c.set(func() { c.down = []string{"s1", "s2"} })
		time.Sleep(nodetls.LeafFor * 5 / 6)
		if list := w.Notices(); len(list) != 1 || !strings.Contains(list[0], "can't get a certificate: no server") {
			t.Errorf("when no server answers: %v", list)
		}
		c.set(func() { c.down = nil })
		time.Sleep(time.Hour)
		if ends, _ := w.Material.Joined(); time.Until(ends) < nodetls.LeafFor/2 || len(w.Notices()) != 0 {
			t.Errorf("afterwards: %s, %v", ends, w.Notices())
		}
		cancel()
		synctest.Wait()
	})
}

// formed is a cluster with an authority, whose nodes have certificates.
func formed(t *testing.T) (c *cluster, s1, w *Authority) {
	t.Helper()
	c = newCluster(t)
	s1, w = c.add("s1", true, aSecret), c.add("w", false, aSecret)
	ctx, cancel := context.WithCancel(t.Context())
	for _, n := range []*Authority{s1, w} {
		go n.Run(ctx)
	}
	go func() { _ = s1.Keep(ctx) }()
	time.Sleep(time.Minute)
	cancel()
	synctest.Wait()
	if !joined(s1, w) {
		t.Fatal("no certificates")
	}
	return c, s1, w
}

func TestOnlyANodeItselfGetsItsCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s1, w := formed(t)
		r, err := w.Material.NewRequest()
		if err != nil {
			t.Fatal(err)
		}
		agent := nodetls.Peer{Secure: true, Role: nodetls.Agent, Name: "w"}
		joining := nodetls.Peer{Secure: true, Role: nodetls.Joining, Wish: nodetls.Agent, Name: "w"}
		good := EnrolRequest{CSR: r.CSR, Name: "w", Role: nodetls.Agent, RPCAddr: "w:1"}
		for name, x := range map[string]struct {
			caller nodetls.Peer
			change func(*EnrolRequest)
			kind   error
			want   string
		}{
			"renewal":          {agent, func(*EnrolRequest) {}, nil, ""},
			"joining":          {joining, func(*EnrolRequest) {}, nil, ""},
			"without TLS":      {nodetls.Peer{}, func(*EnrolRequest) {}, dkron.ErrForbidden, "proves by TLS"},
			"another's":        {agent, func(r *EnrolRequest) { r.Name = "s1" }, dkron.ErrForbidden, "asks for a certificate of agent s1"},
			"a server's":       {agent, func(r *EnrolRequest) { r.Role = nodetls.Server }, dkron.ErrForbidden, "asks for a certificate of server w"},
			"a wish's":         {joining, func(r *EnrolRequest) { r.Role = nodetls.Server }, dkron.ErrForbidden, "server w"},
			"an operator's":    {agent, func(r *EnrolRequest) { r.Role = nodetls.Operator }, dkron.ErrInvalid, "role: want server or agent"},
			"without a name":   {agent, func(r *EnrolRequest) { r.Name = "" }, dkron.ErrInvalid, "name: want"},
			"a slash":          {agent, func(r *EnrolRequest) { r.Name = "a/b" }, dkron.ErrInvalid, "name: want"},
			"a living node's":  {joining, func(r *EnrolRequest) { r.RPCAddr = "elsewhere:1" }, dkron.ErrConflict, "a node named w lives at w:1"},
			"without a key":    {agent, func(r *EnrolRequest) { r.CSR = nil }, dkron.ErrInvalid, "csr: "},
			"with a wrong key": {agent, func(r *EnrolRequest) { r.CSR = []byte("x") }, dkron.ErrInvalid, "csr: "},
		} {
			ask := good
			x.change(&ask)
			reply, err := s1.Enrol(x.caller, &ask)
			if x.want == "" {
				if err != nil || w.Material.Install(r, reply.Certificate, reply.Trust.Trust) != nil {
					t.Errorf("%s: %v", name, err)
				}
			} else if !errors.Is(err, x.kind) || !strings.Contains(err.Error(), x.want) {
				t.Errorf("%s: %v, want %s", name, err, x.want)
			}
		}
		var none *Authority
		if _, err := none.Enrol(agent, &good); !errors.Is(err, dkron.ErrUnavailable) {
			t.Error(err)
		}
		_ = c
	})
}

func TestAnAgentLearnsWhomToRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s1, w := formed(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go w.Run(ctx)
		if reply, err := s1.ExpelNode(t.Context(), &ExpelRequest{Node: "s9"}); err != nil || !strings.Contains(reply.Note, "no member has the name s9") {
			t.Errorf("%+v, %v", reply, err)
		}
		time.Sleep(2 * look)
		if got := w.Material.Trust().Expelled; !slices.Equal(got, []string{"s9"}) || !slices.Equal(c.log, []string{"removed s9"}) {
			t.Errorf("%v, %v", got, c.log)
		}
		list, err := s1.List(t.Context())
		if err != nil || len(list.Nodes) != 3 || !list.Nodes[1].Expelled || list.Nodes[2].Role != nodetls.Agent || list.Signs != "" || list.Authority == "" {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := s1.ExpelNode(t.Context(), &ExpelRequest{Node: "s9", Readmit: true}); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * look)
		if got := w.Material.Trust().Expelled; len(got) != 0 {
			t.Errorf("%v", got)
		}
		c.keeps = dkron.Conflict("can't remove s1")
		if _, err := s1.ExpelNode(t.Context(), &ExpelRequest{Node: "s1"}); !errors.Is(err, dkron.ErrConflict) || len(s1.Material.Trust().Expelled) != 0 {
			t.Errorf("without a majority: %v", err)
		}
		if _, err := s1.ExpelNode(t.Context(), new(ExpelRequest)); !errors.Is(err, dkron.ErrInvalid) {
			t.Errorf("without a name: %v", err)
		}
		c.keeps, c.led, c.log = nil, false, nil
		if _, err := s1.ExpelNode(t.Context(), &ExpelRequest{Node: "w"}); err != nil || !slices.Equal(c.log, []string{"removed w", "asked the leader"}) {
			t.Errorf("on a server that does not lead: %v, %v", c.log, err)
		}
		if _, err := s1.ExpelNode(t.Context(), &ExpelRequest{Node: "w", Direct: true}); !errors.Is(err, dkron.ErrNoLeader) {
			t.Errorf("passed on once too often: %v", err)
		}
		cancel()
		synctest.Wait()
	})
}

func TestAMajorityWithANewSecretReplacesTheAuthority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s1, _ := formed(t)
		before := c.now().Authority
		other := c.add("s3", true, "incorrect horse battery staple") // alone: it does not lead
		if !other.Material.Misfit() || len(other.Notices()) != 1 {
			t.Errorf("a server with another secret: %v", other.Notices())
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = s1.Keep(ctx) }()
		time.Sleep(time.Minute)
		if string(c.now().Authority) != string(before) {
			t.Error("a leader that fits replaces it")
		}
		go func() { _ = other.Keep(ctx) }() // elected by servers that know no more than it does
		go other.Run(ctx)
		time.Sleep(time.Minute)
		if string(c.now().Authority) == string(before) || !joined(other) {
			t.Error("it is not replaced")
		}
		cancel()
		synctest.Wait()
	})
}
