package audit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/roster"
	"dkron/internal/state"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func openStore(t *testing.T) *state.Store {
	t.Helper()
	st, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// add adds records to the state, each in an entry of its own.
func add(t *testing.T, st *state.Store, records ...dkron.AuditRecord) {
	t.Helper()
	for _, r := range records {
		applied, err := st.Applied()
		if err == nil {
			err = st.Update(applied+1, func(tx *state.Tx) error {
				tx.Begin(applied + 1)
				return tx.AddAudit(&r)
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func record(minute int, kind dkron.AuditKind, object, who string) dkron.AuditRecord {
	return dkron.AuditRecord{
		At: noon.Add(time.Duration(minute) * time.Minute), Origin: dkron.Origin{Name: who, Accessor: "acc-" + who, Address: "10.0.0.1", Server: "s1"}, Action: "Act",
		AuditNote: dkron.AuditNote{Kind: kind, Object: object},
	}
}

// cluster is servers by name; nil is one that does not answer.
type cluster map[string]*Local

func (c cluster) Servers() (list []roster.Server, err error) {
	for name := range c {
		list = append(list, roster.Server{ID: name})
	}
	return list, nil
}

func (c cluster) OwnAudit(_ context.Context, s roster.Server, q *Question) (*Answer, error) {
	if c[s.ID] == nil {
		return nil, errors.New("no answer")
	}
	sent := new(Question)
	if err := codec.Decode(codec.Encode(q), sent); err != nil {
		return nil, err
	}
	return c[s.ID].Before(sent)
}

func TestPagesHaveAllRecordsOfAllServersOnceInOrder(t *testing.T) {
	st := openStore(t)
	one, two := openLocal(t, t.TempDir()), openLocal(t, t.TempDir())
	defer one.Close()
	defer two.Close()
	for i := range 40 {
		r := record(i, dkron.AuditJob, fmt.Sprint(i), "ann")
		switch i % 4 {
		case 0:
			add(t, st, r)
		case 1:
			r.Kind, r.Object = dkron.AuditLaunch, fmt.Sprintf("%d.5", i)
			add(t, st, r)
		case 2:
			one.Did(r)
		case 3:
			two.Did(r)
		}
	}
	f := &Finder{Name: "s1", Store: st, Local: one, Servers: cluster{"s1": one, "s2": two, "s3": nil}}
	var seen []string
	ids := make(map[string]bool)
	before := ""
	for range 20 {
		page, err := f.Find(t.Context(), Query{}, before, 7)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(page.Missing, []string{"s3"}) {
			t.Errorf("missing: %v", page.Missing)
		}
		for _, r := range page.Records {
			seen = append(seen, strings.TrimSuffix(r.Object, ".5"))
			ids[r.ID] = true
		}
		if before = page.Next; before == "" {
			break
		}
		one.Did(record(100, dkron.AuditJob, "newer", "ann")) // what is new meanwhile is not on later pages
		add(t, st, record(100, dkron.AuditJob, "newer", "ann"))
	}
	var want []string
	for i := 39; i >= 0; i-- {
		want = append(want, fmt.Sprint(i))
	}
	if !slices.Equal(seen, want) || len(ids) != 40 {
		t.Errorf("%v, %d ids", seen, len(ids))
	}
	if _, err := f.Find(t.Context(), Query{}, "?", 7); !errors.Is(err, dkron.ErrInvalid) {
		t.Error(err)
	}
}

func TestRecordsAreFilteredByAllThatPeopleLookFor(t *testing.T) {
	st := openStore(t)
	local := openLocal(t, t.TempDir())
	defer local.Close()
	add(t, st,
		record(1, dkron.AuditJob, "backup", "ann"),
		record(2, dkron.AuditLaunch, "backup.17", "bob"),
		record(3, dkron.AuditExecution, "backup/17-n1", "bob"),
		record(4, dkron.AuditJob, "backup.17", "ann"),
		record(5, dkron.AuditToken, "t1", "root"),
	)
	no := refused("10.9.9.9", "GET /v1/audit")
	no.At = noon.Add(6 * time.Minute)
	local.Refuse(no)
	f := &Finder{Name: "s1", Store: st, Local: local, Servers: cluster{"s1": local}}
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{}, "6 5 4 3 2 1"},
		{Query{Job: "backup"}, "3 2 1"},
		{Query{Who: "BOB"}, "3 2"},
		{Query{Who: "acc-ann"}, "4 1"},
		{Query{Who: "10.9."}, "6"},
		{Query{Kind: "token"}, "5"},
		{Query{Object: "t1"}, "5"},
		{Query{Action: "act"}, "5 4 3 2 1"},
		{Query{From: noon.Add(3 * time.Minute), To: noon.Add(5 * time.Minute)}, "4 3"},
		{Query{Refused: Only}, "6"},
		{Query{Refused: Never}, "5 4 3 2 1"},
	} {
		page, err := f.Find(t.Context(), c.q, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range page.Records {
			got = append(got, fmt.Sprint(int(r.At.Sub(noon).Minutes())))
		}
		if s := strings.Join(got, " "); s != c.want || page.Next != "" {
			t.Errorf("%+v: %s, want %s; next %q", c.q, s, c.want, page.Next)
		}
	}
}

func TestWhoFollowsGetsWhatIsNewOfAllServersOnce(t *testing.T) {
	st := openStore(t)
	one, two, three := openLocal(t, t.TempDir()), openLocal(t, t.TempDir()), openLocal(t, t.TempDir())
	for _, l := range []*Local{one, two, three} {
		defer l.Close()
		l.Did(record(0, dkron.AuditNode, "old", "ann"))
	}
	add(t, st, record(0, dkron.AuditJob, "old", "ann"))
	all := cluster{"s1": one, "s2": two, "s3": nil}
	f := &Finder{Name: "s1", Store: st, Local: one, Servers: all}
	page, err := f.After(t.Context(), Query{}, "", 10)
	if err != nil || len(page.Records) != 0 || page.Next == "" || !slices.Equal(page.Missing, []string{"s3"}) {
		t.Fatalf("%+v %v", page, err)
	}
	next := page.Next
	follow := func(limit int) (objects string) {
		t.Helper()
		page, err := f.After(t.Context(), Query{Who: "ann"}, next, limit)
		if err != nil {
			t.Fatal(err)
		}
		next = page.Next
		for _, r := range page.Records {
			objects += r.Object + " "
		}
		return objects
	}
	now := time.Since(noon)
	later := func(minute int, kind dkron.AuditKind, object, who string) dkron.AuditRecord {
		r := record(minute, kind, object, who)
		r.At = r.At.Add(now)
		return r
	}
	if got := follow(10); got != "" {
		t.Errorf("nothing is new, and there are %q", got)
	}
	add(t, st, later(5, dkron.AuditJob, "e", "ann"), later(2, dkron.AuditLaunch, "b.1", "ann"), later(3, dkron.AuditJob, "x", "bob"))
	one.Did(later(4, dkron.AuditNode, "d", "ann"))
	two.Did(later(3, dkron.AuditNode, "c", "ann"))
	two.Did(record(-60, dkron.AuditNode, "a", "ann")) // its clock is an hour off
	three.Did(later(6, dkron.AuditNode, "f", "ann"))
	if got := follow(3); got != "b.1 c a " { // each server's in its order
		t.Errorf("%q", got)
	}
	all["s3"] = three // it answers again; what it had before is not new
	f = &Finder{Name: "s2", Store: st, Local: two, Servers: all}
	if got := follow(10); got != "d e f " {
		t.Errorf("%q", got)
	}
	if got := follow(10); got != "" {
		t.Errorf("again: %q", got)
	}
	for _, wrong := range []string{"?", "e30", "bm8"} {
		if _, err := f.After(t.Context(), Query{}, wrong, 7); !errors.Is(err, dkron.ErrInvalid) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
