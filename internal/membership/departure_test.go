package membership

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
	"dkron/internal/compat"
	"dkron/internal/roster"
)

var quiet = slog.New(slog.DiscardHandler)

// world is Raft's configuration, gossip, and the other servers, as s1 sees them. It notes what is done, in order.
type world struct {
	mu      sync.Mutex
	done    []string
	servers []roster.Server
	leader  string
	tags    map[string]string
	mute    bool // gossip does not spread this node's announcements
	running int
	stuck   bool // executions end only when they are stopped
	status  map[string]*Status
	applied uint64
	refuses error // of a removal
	roster  roster.Roster
	changed chan struct{}
}

func (w *world) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = append(w.done, what)
}

func (w *world) Servers() ([]roster.Server, error) { return slices.Clone(w.servers), nil }

func (w *world) AddServer(_ context.Context, id, addr string, voter bool) error {
	what := "add "
	if voter {
		what = "vote "
	}
	w.note(what + id + " " + addr)
	i := slices.IndexFunc(w.servers, func(s roster.Server) bool { return s.ID == id })
	if i < 0 {
		w.servers = append(w.servers, roster.Server{ID: id})
		i = len(w.servers) - 1
	}
	w.servers[i].Address, w.servers[i].Voter = addr, voter
	return nil
}

func (w *world) RemoveServer(_ context.Context, id string) error {
	if w.refuses != nil {
		return w.refuses
	}
	w.note("remove " + id)
	w.servers = slices.DeleteFunc(w.servers, func(s roster.Server) bool { return s.ID == id })
	return nil
}

func (w *world) TransferLeadership(ctx context.Context) error {
	return w.TransferLeadershipTo(ctx, roster.Server{ID: "another"})
}

func (w *world) TransferLeadershipTo(_ context.Context, to roster.Server) error {
	w.note("hand over to " + to.ID)
	w.leader = to.ID
	return nil
}

func (w *world) Leads() error {
	if w.leader != "s1" {
		return dkron.ErrNoLeader
	}
	return nil
}

func (w *world) Leader() (id, addr string) { return w.leader, "" }

func (w *world) AwaitLeader(ctx context.Context) error {
	if w.leader != "" {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (w *world) Applied() uint64 { return w.applied }

func (w *world) HasState() bool { return true }

func (w *world) Status(_ context.Context, name, _ string) (*Status, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.status[name]; s != nil {
		return s, nil
	}
	return nil, errors.New("nobody answers")
}

func (w *world) RemovePeer(_ context.Context, r PeerRequest) (*PeerReply, error) {
	w.note("ask for the removal of " + r.ID)
	if !r.Direct {
		return nil, errors.New("it may go round in circles")
	}
	return &PeerReply{Note: "gone"}, nil
}

func (w *world) SetTags(tags map[string]string) error {
	if w.mute {
		return errors.New("no network")
	}
	w.mu.Lock()
	w.tags = tags
	w.mu.Unlock()
	w.note("say " + tags["stopping"])
	return nil
}

func (w *world) Leave(context.Context) error { w.note("leave gossip"); return nil }

func (w *world) Retire() { w.note("retire") }

func (w *world) Running() int { return w.running }

func (w *world) Drain(ctx context.Context) {
	if w.stuck {
		<-ctx.Done()
		return
	}
	w.running = 0
}

func (w *world) Stop() { w.note("stop what runs"); w.stuck = false }

func (w *world) Tag() string { return "x" }

func (w *world) Changed() <-chan struct{} { return w.changed }

func (w *world) Cluster() string { return "x" }

func (w *world) Kept() string { return "x" }

func (w *world) SpeakRaft(server string, v compat.Window) error { return v.Check(server) }
func (w *world) Refused(via, who, _ string, _ error)            { w.note("refuse " + who + " by " + via) }

func (w *world) Reconciled(time.Duration) {}

func (w *world) ServerChanged(time.Duration) {}

func (w *world) AddressCorrected() { w.note("corrected") }

// newWorld returns a world of the servers that a text names, see seen.
func newWorld(text string) *world {
	w := &world{status: make(map[string]*Status), changed: make(chan struct{}, 1)}
	var members []roster.Member
	w.servers, members = seen(text)
	w.setMembers(members...)
	return w
}

func (w *world) setMembers(members ...roster.Member) {
	for _, m := range members {
		m.Tags["server"], m.Tags["region"] = "true", "r"
		if m.Tags["rpc_addr"] == "" {
			m.Tags["rpc_addr"] = m.Name + ":1"
		}
	}
	w.roster.Set(members)
}

func (w *world) view() *roster.View {
	return roster.NewView(&w.roster, "r", func(roster.Member) bool { return false })
}

func (w *world) membership() *Membership {
	return New(Config{Name: "s1", Raft: w, Log: w, View: w.view(), Servers: w, Identity: w, Observer: w, Logger: quiet})
}

func (w *world) departure(m *Membership) *Departure {
	return NewDeparture(Leaving{
		Worker: w, DrainTimeout: 5 * time.Second, Gossip: w, Published: NewPublished(roster.Self{}, w, w, quiet), View: w.view(),
		Membership: m, Logger: quiet,
	})
}

func (w *world) did(t *testing.T, want ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.done, want) {
		t.Errorf("did %q, want %q", w.done, want)
	}
}

func TestANodeLeavesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("s1+ s2+ s3+")
		w.leader, w.running, w.stuck = "s1", 1, true
		w.status["s2"], w.status["s3"] = &Status{}, &Status{}
		d := w.departure(w.membership())
		if d.Err() != nil {
			t.Error("it leaves before it was asked to:", d.Err())
		}
		d.Run()
		w.did(t, "retire", "say term", "stop what runs", "hand over to another", "ask for the removal of s1", "leave gossip")
		if err := d.Err(); err == nil || err.Error() != "this node is stopping" {
			t.Error(err)
		}
	})
}

func TestAnAgentLeavesWithoutRaft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("")
		w.departure(nil).Run()
		w.did(t, "retire", "leave gossip")
	})
}

func TestAskingToLeaveWaitsUntilTheNodeHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("s1+ s2+ s3-")
		w.leader = "s2"
		d := w.departure(w.membership())
		kept := make(chan string, 2)
		for range 2 {
			go func() {
				why, err := d.Ask(t.Context())
				if err != nil {
					t.Error(err)
				}
				kept <- why
			}()
		}
		<-d.Asked()
		d.Run()
		for range 2 {
			if why := <-kept; why == "" {
				t.Error("it left, although the rest can't commit the change")
			}
		}
		w.did(t, "retire", "say leave", "say leave", "leave gossip")
		if err := d.Err(); err == nil || err.Error() != "this node is leaving" {
			t.Error(err)
		}
	})
}

func TestAServerThatCouldNotSayThatItStopsStaysInTheConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("s1+ s2+ s3+")
		w.leader, w.mute = "s2", true
		d := w.departure(w.membership())
		d.Run()
		w.did(t, "retire", "leave gossip")
		if d.kept == "" {
			t.Error("it left the configuration without having announced its stop")
		}
	})
}

func TestAServerAsksTheOthersWhetherTheyStopTooBeforeItLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		s2, s3  *Status // nil: it does not answer
		forGood bool
		kept    string // part of the reason; empty: it leaves
	}{
		"nobody stops":              {s2: &Status{}, s3: &Status{}},
		"one stops, says it by RPC": {s2: &Status{Stopping: "term"}, s3: &Status{}, kept: "same time: s2"},
		"one leaves for good":       {s2: &Status{Stopping: "leave"}, s3: &Status{}},
		"one does not answer":       {s2: &Status{}, kept: "s2, would not be a majority of s2, s3"},
		"it leaves for good itself": {s2: &Status{Stopping: "term"}, forGood: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld("s1+ s2+ s3+")
			w.leader = "s3"
			w.status["s2"], w.status["s3"] = c.s2, c.s3
			m := w.membership()
			d := w.departure(m)
			d.forGood.Store(c.forGood)
			if s := m.Status(); s.Stopping != "" {
				t.Errorf("%s: before it stops it answers %q", name, s.Stopping)
			}
			d.Run()
			if (d.kept == "") != (c.kept == "") || !strings.Contains(d.kept, c.kept) {
				t.Errorf("%s: kept because %q, want something with %q", name, d.kept, c.kept)
			}
			want := "term"
			if c.forGood {
				want = "leave"
			}
			if s := m.Status(); s.Stopping != want {
				t.Errorf("%s: while it stops it answers %q", name, s.Stopping)
			}
		})
	}
}

func TestWhatANodePublishesFollowsItsClusterAndKeepsThatItStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("")
		p := NewPublished(roster.Self{Region: "r"}, w, w, quiet)
		ctx, cancel := context.WithCancel(t.Context())
		go p.Keep(ctx)
		if err := p.stop(roster.ForNow); err != nil {
			t.Error(err)
		}
		w.changed <- struct{}{}
		synctest.Wait()
		if w.tags["stopping"] != "term" || w.tags["dkron_cluster"] != "x" || w.tags["region"] != "r" {
			t.Errorf("%v", w.tags)
		}
		cancel()
	})
}
