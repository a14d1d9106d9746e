package access

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/state"
)

// world is a state with tokens, and the jobs a, of ann, and team-b, whose metadata has team=x.
type world struct {
	t     *testing.T
	store *state.Store
	auth  *Authorizer
	index uint64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w := &world{t: t, store: store, auth: New(Config{Store: store, Tokens: true, User: "root", Password: "pw", Logger: slog.New(slog.DiscardHandler)})}
	for _, name := range []string{"viewer", "operator", "editor", "admin"} {
		w.token(name, name)
	}
	w.policy("team", `{"rules":[{"prefix":"team-","verbs":["write"]}]}`)
	w.token("foreign", "team")
	w.policy("ann", `{"rules":[{"owner":"ann","verbs":["write"]}]}`)
	w.token("ann", "ann")
	w.policy("x", `{"rules":[{"metadata":{"team":"x"},"verbs":["run"]}]}`)
	w.token("x", "x")
	w.update(func(tx *state.Tx) error {
		err := tx.PutJob(&dkron.Job{Number: 1, Name: "a", Owner: "ann", Schedule: "@manually"}, &dkron.Progress{Name: "a"})
		if err != nil {
			return err
		}
		return tx.PutJob(&dkron.Job{Number: 2, Name: "team-b", Metadata: map[string]string{"team": "x"}, Schedule: "@manually"}, &dkron.Progress{Name: "team-b"})
	})
	return w
}

func (w *world) update(fn func(tx *state.Tx) error) {
	w.t.Helper()
	w.index++
	err := w.store.Update(w.index, func(tx *state.Tx) error {
		tx.Begin(w.index)
		return fn(tx)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) policy(name, rules string) {
	w.update(func(tx *state.Tx) error { return tx.PutPolicy(&dkron.Policy{Name: name, Rules: rules}) })
}

// token stores a token whose secret is its accessor.
func (w *world) token(accessor string, policies ...string) {
	t := &dkron.Token{Accessor: accessor, Type: dkron.ClientToken, Policies: policies, Hash: Hash(accessor)}
	w.update(func(tx *state.Tx) error { return tx.PutToken(t) })
}

func (w *world) client(accessor string) *Identity {
	w.t.Helper()
	i, err := w.auth.Bearer(accessor)
	if err != nil {
		w.t.Fatalf("%s: %v", accessor, err)
	}
	return i
}

// passed notes what passes the door.
type passed struct{ last request.Request }

func (p *passed) Do(_ context.Context, r request.Request) (request.Reply, uint64, error) {
	p.last = r
	return nil, 1, nil
}

// do returns what passed the door, or nil.
func (w *world) do(i *Identity, r request.Request) (request.Request, error) {
	p, ctx := new(passed), context.Background()
	if i != nil {
		ctx = With(ctx, i)
	}
	_, _, err := Door{p, true}.Do(ctx, r)
	if (err == nil) != (p.last != nil) || err != nil && !errors.Is(err, dkron.ErrForbidden) {
		w.t.Errorf("%s: %v, and %v passed", r.Name(), err, p.last)
	}
	return p.last, err
}

func TestEveryKindOfRequestIsDecidedAtTheDoor(t *testing.T) {
	w := newWorld(t)
	levels := []struct {
		who string
		may request.Touch
	}{{"viewer", request.Read}, {"operator", request.Run}, {"editor", request.Write}, {"admin", request.Admin}}
	kinds := 0
	for k := range request.Kinds() {
		kinds++
		for _, l := range levels {
			if got, _ := w.do(w.client(l.who), k.New()); (got != nil) != (k.Touches <= l.may) {
				t.Errorf("%s by %s: passed is %t", k.Name, l.who, got != nil)
			}
		}
		if got, _ := w.do(nil, k.New()); got != nil {
			t.Errorf("%s passed for nobody", k.Name)
		}
		if got, _ := w.do(w.client("foreign"), k.New()); (got != nil) != (k.Touches == request.Read) {
			t.Errorf("%s with all jobs passed for a client who has some: %t", k.Name, got != nil)
		}
		if got, _ := w.do(w.auth.Bootstrapper(), k.New()); got == nil {
			t.Errorf("%s is refused to a manager", k.Name)
		}
		p := new(passed)
		if _, _, err := (Door{Doer: p}).Do(t.Context(), k.New()); err != nil {
			t.Errorf("%s is refused although access control is off", k.Name)
		}
	}
	if kinds < 19 {
		t.Errorf("only %d kinds", kinds)
	}
}

func TestRulesDecideAboutTheJobOfARequest(t *testing.T) {
	w := newWorld(t)
	job := func(j dkron.Job) request.Request { return &request.SetJob{Record: dkron.Record{Job: j}} }
	for _, c := range []struct {
		who string
		r   request.Request
		may bool
	}{
		{"foreign", &request.RunJob{Job: "team-b"}, true},
		{"foreign", &request.RunJob{Job: "team-gone"}, true}, // not found, and that is said
		{"foreign", &request.RunJob{Job: "a"}, false},
		{"foreign", &request.Stop{What: dkron.StopTarget{Job: "a"}}, false},
		{"foreign", &request.DeleteJob{Job: "a"}, false},
		{"foreign", job(dkron.Job{Name: "team-new"}), true},
		{"foreign", job(dkron.Job{Name: "new"}), false},
		{"foreign", &request.Restore{Jobs: []dkron.Record{{Job: dkron.Job{Name: "team-b"}}}}, false},
		{"foreign", &request.StopLaunches{Launches: []uint64{1}}, false},
		{"ann", &request.ToggleJob{Job: "a"}, true},
		{"ann", &request.ToggleJob{Job: "team-b"}, false},
		{"ann", job(dkron.Job{Name: "mine", Owner: "ann"}), true},
		{"ann", job(dkron.Job{Name: "a", Owner: "bob"}), false},      // give it away
		{"ann", job(dkron.Job{Name: "team-b", Owner: "ann"}), false}, // take over
		{"x", &request.RunJob{Job: "team-b"}, true},
		{"x", &request.LaunchJob{Job: "team-b"}, false},
		{"x", &request.RunJob{Job: "a"}, false},
	} {
		got, err := w.do(w.client(c.who), c.r)
		if (got != nil) != c.may {
			t.Errorf("%s, %s %+v: %v", c.who, c.r.Name(), c.r, err)
		}
		if err != nil && !strings.Contains(err.Error(), "token "+"\""+c.who+"\" may not "+c.r.Touches().String()) {
			t.Errorf("%s, %s: %v names neither verb nor client", c.who, c.r.Name(), err)
		}
	}
}

func TestAnEmptyOwnerBecomesTheAccessor(t *testing.T) {
	w := newWorld(t)
	for given, want := range map[string]string{"": "editor", "bob": "bob"} {
		asked := &request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: "n", Owner: given}}}
		got, err := w.do(w.client("editor"), asked)
		if err != nil || got.(*request.SetJob).Record.Job.Owner != want || asked.Record.Job.Owner != given {
			t.Errorf("%q: %+v, %v", given, got, err)
		}
	}
}

func TestSecretsAreKnownOnlyAsAWhole(t *testing.T) {
	w := newWorld(t)
	for _, wrong := range []string{"", "view", "viewer ", "VIEWER", "viewer\x00", "nobody"} {
		if i, err := w.auth.Bearer(wrong); !errors.Is(err, ErrUnknown) || i != nil {
			t.Errorf("%q: %v, %v", wrong, i, err)
		}
	}
	for _, wrong := range [][2]string{{"", ""}, {"root", ""}, {"root", "p"}, {"Root", "pw"}, {"", "pw"}} {
		if _, err := w.auth.Basic(wrong[0], wrong[1]); !errors.Is(err, ErrUnknown) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if i, err := w.auth.Basic("root", "pw"); err != nil || !i.Manager() {
		t.Error(err)
	}
	if _, err := New(Config{Store: w.store, User: ""}).Basic("", ""); !errors.Is(err, ErrUnknown) {
		t.Error("no user has no password")
	}
}

func TestAPolicyThatCanNotBeReadAllowsNothing(t *testing.T) {
	w := newWorld(t)
	w.policy("team", `{"later":true}`)
	if i := w.client("foreign"); i.Some(request.Read) {
		t.Error("it may read")
	}
}

func TestAHeldRequestEndsWhenItsTokenChanges(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go w.auth.Run(ctx)
	revoked, revokedDone := w.auth.Hold(ctx, w.client("viewer"))
	defer revokedDone()
	changed, changedDone := w.auth.Hold(ctx, w.client("foreign"))
	defer changedDone()
	stays, staysDone := w.auth.Hold(ctx, w.client("editor"))
	defer staysDone()
	before := w.client("admin")
	w.update(func(tx *state.Tx) error { return tx.RemoveToken("viewer") })
	if _, err := w.auth.Bearer("viewer"); !errors.Is(err, ErrUnknown) {
		t.Error("a revoked token is accepted")
	}
	w.policy("team", `{"rules":[{"prefix":"team-","verbs":["read"]}]}`)
	w.update(func(tx *state.Tx) error { return tx.RemoveToken("admin") })
	late, lateDone := w.auth.Hold(ctx, before) // revoked between the two calls
	defer lateDone()
	for name, held := range map[string]context.Context{"revoked": revoked, "changed": changed, "late": late} {
		select {
		case <-held.Done():
		case <-time.After(time.Minute):
			t.Errorf("the request of the %s token goes on", name)
		}
	}
	if stays.Err() != nil {
		t.Error("the request of another token ended")
	}
}
