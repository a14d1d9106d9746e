package consensus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// town is a set of servers that start one by one, see each other with a delay, and lose messages.
type town struct {
	expect int
	lossy  bool
	delay  time.Duration // until two servers see each other, at most

	mu       sync.Mutex // guards what follows
	r        *rand.Rand
	servers  map[string]*citizen
	sees     map[[2]string]time.Time // from when
	foundeds [][]Server
}

type citizen struct {
	town   *town
	self   Server
	b      *Bootstrapper
	state  bool
	leader string
	hung   bool
}

func (c *citizen) HasState() bool { c.town.mu.Lock(); defer c.town.mu.Unlock(); return c.state }
func (c *citizen) Leader() (string, string) {
	c.town.mu.Lock()
	defer c.town.mu.Unlock()
	return c.leader, ""
}

// Bootstrap elects the founder after a second, and then everyone that is asked learns of it.
func (c *citizen) Bootstrap(set []Server) error {
	c.town.mu.Lock()
	defer c.town.mu.Unlock()
	if c.state {
		return ErrHasState
	}
	c.state = true
	c.town.foundeds = append(c.town.foundeds, slices.Clone(set))
	time.AfterFunc(time.Second, func() {
		c.town.mu.Lock()
		defer c.town.mu.Unlock()
		for _, other := range c.town.servers {
			other.state, other.leader = true, c.self.ID
		}
	})
	return nil
}

func (c *citizen) Peers() []Server {
	c.town.mu.Lock()
	defer c.town.mu.Unlock()
	var list []Server
	for id, other := range c.town.servers {
		pair := [2]string{c.self.ID, id}
		if _, ok := c.town.sees[pair]; !ok && id != c.self.ID {
			c.town.sees[pair] = time.Now().Add(time.Duration(c.town.r.Int64N(int64(c.town.delay) + 1)))
		}
		if !time.Now().Before(c.town.sees[pair]) {
			list = append(list, other.self)
		}
	}
	return list
}

func (c *citizen) Ask(ctx context.Context, peer Server, p Proposal) (Answer, error) {
	c.town.mu.Lock()
	there, back := time.Duration(c.town.r.IntN(100))*time.Millisecond, time.Duration(c.town.r.IntN(100))*time.Millisecond
	lost, lostBack := c.town.lossy && c.town.r.IntN(10) == 0, c.town.lossy && c.town.r.IntN(10) == 0
	other := c.town.servers[peer.ID]
	hung := other.hung
	c.town.mu.Unlock()
	time.Sleep(there)
	if hung || lost {
		<-ctx.Done()
		return Answer{}, ctx.Err()
	}
	a := other.b.ProposeFounding(p)
	time.Sleep(back)
	if lostBack {
		return Answer{}, errors.New("answer lost")
	}
	return a, ctx.Err()
}

func (w *town) join(name string) *citizen {
	c := &citizen{town: w, self: Server{ID: name, Address: name + ":1", Voter: true}}
	c.b = newBootstrapper(c.self, w.expect, c, c.Peers, c, nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.servers[name] = c
	if len(w.foundeds) > 0 { // the leader adds it
		founder := w.servers[w.foundeds[0][0].ID]
		time.AfterFunc(time.Second, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			c.state, c.leader = true, founder.self.ID
		})
	}
	return c
}

func newTown(seed uint64, expect int) *town {
	return &town{expect: expect, delay: 500 * time.Millisecond, r: rand.New(rand.NewPCG(seed, 7)),
		servers: map[string]*citizen{}, sees: map[[2]string]time.Time{}}
}

// settle starts servers at random moments. It returns how long the slowest took, from when enough were there.
func (w *town) settle(t *testing.T, count int, spread time.Duration) time.Duration {
	t.Helper()
	starts := make([]time.Duration, count)
	for i := range starts {
		starts[i] = time.Duration(w.r.Int64N(int64(spread) + 1))
	}
	sorted := slices.Sorted(slices.Values(starts))
	begin := time.Now()
	var wg sync.WaitGroup
	var last time.Duration
	for i := range starts {
		wg.Go(func() {
			time.Sleep(starts[i])
			c := w.join(fmt.Sprintf("s%02d", i))
			if err := c.b.Run(t.Context()); err != nil {
				t.Error(err)
			}
			enough := max(starts[i], sorted[w.expect-1])
			w.mu.Lock()
			last = max(last, time.Since(begin)-enough)
			w.mu.Unlock()
		})
	}
	wg.Wait()
	time.Sleep(5 * time.Second) // leftovers must do nothing
	return last
}

func TestBootstrapIsSettledOnceAndInTime(t *testing.T) {
	for _, size := range [][2]int{{2, 2}, {3, 3}, {3, 4}, {3, 7}, {5, 5}, {5, 9}} {
		for _, spread := range []time.Duration{0, 300 * time.Millisecond, 2 * time.Second, 20 * time.Second} {
			t.Run(fmt.Sprintf("%d of %d in %v", size[0], size[1], spread), func(t *testing.T) {
				var worst time.Duration
				for seed := range uint64(40) {
					synctest.Test(t, func(t *testing.T) {
						w := newTown(seed, size[0])
						took := w.settle(t, size[1], spread)
						worst = max(worst, took)
						if len(w.foundeds) != 1 || len(w.foundeds[0]) != size[0] {
							t.Fatalf("seed %d: founded %v", seed, w.foundeds)
						}
					})
				}
				if worst > 10*time.Second {
					t.Errorf("took up to %v", worst)
				}
			})
		}
	}
}

func TestBootstrapWithLostMessages(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			w := newTown(seed, 3)
			w.lossy = true
			w.settle(t, 5, 3*time.Second)
			if len(w.foundeds) != 1 {
				t.Fatalf("seed %d: founded %v", seed, w.foundeds)
			}
		})
	}
}

func TestNoClusterIsFoundedNextToAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(1, 3)
		old := w.join("z")
		old.state = true // and its leader is away
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b", "c"} {
			c := w.join(name)
			wg.Go(func() { _ = c.b.Run(ctx) })
		}
		wg.Wait()
		time.Sleep(5 * time.Second) // questions under way
		if len(w.foundeds) > 0 {
			t.Errorf("founded %v", w.foundeds)
		}
	})
}

func TestNothingIsFoundedWhileAServerDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(1, 3)
		mute := w.join("c")
		mute.hung = true
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b"} {
			c := w.join(name)
			wg.Go(func() { _ = c.b.Run(t.Context()) })
		}
		time.Sleep(20 * time.Second)
		if len(w.foundeds) > 0 {
			t.Errorf("founded %v", w.foundeds)
		}
		w.mu.Lock()
		mute.hung = false
		w.mu.Unlock()
		wg.Go(func() { _ = mute.b.Run(t.Context()) })
		wg.Wait()
		if len(w.foundeds) != 1 {
			t.Errorf("founded %v", w.foundeds)
		}
	})
}

func TestGrantIsHeldByOneCoordinatorAndExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(1, 3)
		b := w.join("x").b
		if a := b.ProposeFounding(Proposal{Coordinator: "b"}); !a.Granted {
			t.Errorf("answer %+v", a)
		}
		if a := b.ProposeFounding(Proposal{Coordinator: "a"}); a.Granted || a.Holder != "b" {
			t.Errorf("a better coordinator takes the grant away: %+v", a)
		}
		time.Sleep(grantFor + 1)
		if a := b.ProposeFounding(Proposal{Coordinator: "a"}); !a.Granted {
			t.Errorf("after the grant's end: %+v", a)
		}
	})
}

// wire connects the bootstrappers of real nodes.
type wire struct {
	mu  sync.Mutex // guards what follows
	all map[string]*Bootstrapper
	set []Server
}

func (w *wire) Peers() []Server { w.mu.Lock(); defer w.mu.Unlock(); return slices.Clone(w.set) }
func (w *wire) Ask(_ context.Context, peer Server, p Proposal) (Answer, error) {
	w.mu.Lock()
	b := w.all[peer.ID]
	w.mu.Unlock()
	return b.ProposeFounding(p), nil
}

func TestRealServersBootstrapInUnder10s(t *testing.T) {
	w := &wire{all: map[string]*Bootstrapper{}}
	var all []*server
	for _, id := range []string{"a", "b", "c"} {
		s := newServer(t, id).start()
		all = append(all, s)
		w.set = append(w.set, s.self())
		w.all[id] = NewBootstrapper(s.self(), 3, s.node, w.Peers, w, s.cfg.Logger)
	}
	start := time.Now()
	var wg sync.WaitGroup
	for _, b := range w.all {
		wg.Go(func() {
			if err := b.Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	leader := waitLeader(t, all...)
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %v", d)
	} else {
		t.Logf("leader after %v", d)
	}
	if servers, _, _ := leader.node.Servers(); len(servers) != 3 {
		t.Errorf("servers %v", servers)
	}
}

func TestSingleServerBootstrapsAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t, "a").start()
	b := NewBootstrapper(s.self(), 1, s.node, nil, nil, nil)
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitLeader(t, s)
	if err := b.Run(t.Context()); err != nil {
		t.Errorf("again: %v", err)
	}
}
