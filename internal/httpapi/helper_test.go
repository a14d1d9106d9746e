package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// noon is when everything happens in these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// server is the API on a store of its own, with a controller that changes that store.
type server struct {
	t       testing.TB
	store   *state.Store
	applied uint64
	handler http.Handler
	api     *api
	cluster *fakeCluster
	live    *fakeLive
	fail    error // what the controller answers instead
	noRun   error // what RunJob answers instead
}

func newServer(t testing.TB, change ...func(*Config)) *server {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s := &server{t: t, store: store, cluster: &fakeCluster{leads: true}, live: &fakeLive{"live"}}
	cfg := Config{NodeName: "n1", Version: "devel", Controller: s, Cluster: s.cluster, Live: s.live, Store: store}
	for _, c := range change {
		c(&cfg)
	}
	s.api = newAPI(cfg)
	s.handler = s.api.handler()
	return s
}

func (s *server) update(fn func(tx *state.Tx) error) error {
	s.applied++
	return s.store.Update(s.applied, fn)
}

func (s *server) must(fn func(tx *state.Tx) error) {
	s.t.Helper()
	if err := s.update(fn); err != nil {
		s.t.Fatal(err)
	}
}

// change reads a job, changes it and stores it.
func (s *server) change(name string, fn func(tx *state.Tx, r *dkron.Record) error) (*dkron.Record, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	var r *dkron.Record
	err := s.update(func(tx *state.Tx) (err error) {
		if r, err = readRecord(tx, name); err != nil {
			return err
		}
		return fn(tx, r)
	})
	return r, err
}

func (s *server) SetJob(_ context.Context, j dkron.Job) (*dkron.Record, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	if err := j.Validate(); err != nil {
		return nil, err
	}
	r := &dkron.Record{Job: j}
	return r, s.update(func(tx *state.Tx) error {
		if j.ParentJob != "" {
			if _, err := tx.Job(j.ParentJob); err != nil {
				return dkron.ErrNoParent
			}
		}
		old, err := readRecord(tx, j.Name)
		switch {
		case errors.Is(err, dkron.ErrNotFound):
			r.Job.Number, r.Job.CreatedAt = tx.NewJobNumber(), noon
		case err != nil:
			return err
		default:
			r.Progress = old.Progress
			r.Job.Number, r.Job.CreatedAt, r.Job.Revision = old.Job.Number, old.Job.CreatedAt, old.Job.Revision
			r.Job.DependentJobs = old.Job.DependentJobs
		}
		r.Job.Revision++
		r.Job.UpdatedAt = noon
		if err := tx.PutJob(&r.Job, &r.Progress); err != nil || j.ParentJob == "" {
			return err
		}
		return tx.Attach(j.ParentJob, j.Name)
	})
}

func (s *server) DeleteJob(_ context.Context, name string) (*dkron.Record, error) {
	return s.change(name, func(tx *state.Tx, r *dkron.Record) error {
		if len(r.Job.DependentJobs) > 0 {
			return dkron.Conflict("job %q has dependent jobs: %s", name, strings.Join(r.Job.DependentJobs, ", "))
		}
		return tx.DeleteJob(&r.Job)
	})
}

func (s *server) ToggleJob(_ context.Context, name string) (*dkron.Record, error) {
	return s.change(name, func(tx *state.Tx, r *dkron.Record) error {
		r.Job.Disabled = !r.Job.Disabled
		return tx.PutJob(&r.Job, &r.Progress)
	})
}

func (s *server) ClearExecutions(_ context.Context, name string) (*dkron.Record, error) {
	return s.change(name, func(tx *state.Tx, r *dkron.Record) error {
		p := &r.Progress
		p.SuccessCount, p.ErrorCount, p.LastSuccess, p.LastError, p.Status = 0, 0, time.Time{}, time.Time{}, ""
		p.Cleared = p.Executions
		return tx.PutJob(&r.Job, p)
	})
}

func (s *server) RunJob(_ context.Context, name string, cause dkron.Cause) (*dkron.Launched, error) {
	if err := cmp.Or(s.noRun, s.fail); err != nil {
		return nil, err
	}
	out := new(dkron.Launched)
	return out, s.update(func(tx *state.Tx) error {
		r, err := readRecord(tx, name)
		if err != nil {
			return err
		}
		out.Before = *r
		out.Launch = *start(tx, r, noon, cause, "n1")
		return nil
	})
}

func (s *server) SetPaused(_ context.Context, paused bool) error {
	if s.fail != nil {
		return s.fail
	}
	return s.update(func(tx *state.Tx) error { tx.SetPaused(paused); return nil })
}

func (s *server) RevertJob(context.Context, string, uint64) (*dkron.Record, error) {
	return nil, s.fail
}

func (s *server) Restore(context.Context, []dkron.Record) ([]string, error) { return nil, s.fail }

func (s *server) Stop(context.Context, dkron.StopTarget, string) (uint64, error) { return 0, s.fail }

func (s *server) Configure(context.Context, dkron.Settings) error { return s.fail }

// start records a launch that runs on nodes.
func start(tx *state.Tx, r *dkron.Record, at time.Time, cause dkron.Cause, nodes ...string) *dkron.Launch {
	l := &dkron.Launch{
		Number: tx.NewLaunchNumber(), Job: r.Job.Name, JobNumber: r.Job.Number, Group: at.UnixNano(), Nominal: at,
		Cause: cause, State: dkron.LaunchRunning, CreatedAt: at, Nodes: uint64(len(nodes)),
	}
	for slot, node := range nodes {
		e := &dkron.Execution{
			JobName: l.Job, NodeName: node, Group: l.Group, Attempt: 1, JobNumber: l.JobNumber,
			Key: dkron.ExecutionKey{Launch: l.Number, Slot: uint64(slot)}, Nominal: at, StartedAt: at, Due: at,
		}
		if err := tx.PutExecution(e); err != nil {
			panic(err)
		}
	}
	r.Progress.Active++
	tx.PutLaunch(l)
	tx.PutProgress(r.Job.Number, &r.Progress)
	return l
}

// ran records launches of a job that have ended, a second apart from at on, one execution each.
func (s *server) ran(job string, at time.Time, executions ...dkron.Execution) {
	s.t.Helper()
	s.must(func(tx *state.Tx) error {
		r, err := readRecord(tx, job)
		if err != nil {
			return err
		}
		for i := range executions {
			e, due := executions[i], at.Add(time.Duration(i)*time.Second)
			l := &dkron.Launch{
				Number: tx.NewLaunchNumber(), Job: job, JobNumber: r.Job.Number, Group: due.UnixNano(), Nominal: due,
				Cause: dkron.CauseSchedule, State: dkron.LaunchState(e.Outcome), CreatedAt: due, EndedAt: due.Add(time.Second), Nodes: 1,
			}
			e.JobName, e.JobNumber, e.NodeName, e.Group, e.Nominal = job, r.Job.Number, "n1", l.Group, due
			e.Attempt, e.StartedAt, e.FinishedAt = 1, due.Add(5*time.Millisecond), due.Add(time.Second)
			e.Key.Launch, e.OutputSize = l.Number, uint64(len(e.Output))
			if err := tx.RecordExecution(&e, &r.Progress); err != nil {
				return err
			}
			if err := tx.CloseLaunch(l, &r.Progress); err != nil {
				return err
			}
			if err := tx.Count(e.FinishedAt, e.Outcome == dkron.Success); err != nil {
				return err
			}
		}
		tx.PutProgress(r.Job.Number, &r.Progress)
		return nil
	})
}

type fakeCluster struct {
	leads  bool
	alone  bool // there is no leader
	issue  error
	leave  error
	panics bool

	members []Member // nil is fakeMember alone
}

var fakeMember = Member{
	Name: "n1", Addr: "127.0.0.1", Port: 8946, Tags: map[string]string{"role": "dkron"}, Status: MemberAlive,
	ProtocolMin: 1, ProtocolMax: 5, ProtocolCur: 2, DelegateMin: 2, DelegateMax: 5, DelegateCur: 4, ID: "8fd1",
}

func (c *fakeCluster) Members() []Member {
	if c.panics {
		panic("a bug")
	}
	if c.members != nil {
		return c.members
	}
	return []Member{fakeMember}
}
func (c *fakeCluster) Leader() (Member, bool) { return fakeMember, !c.alone }
func (c *fakeCluster) IsLeader() bool         { return c.leads }
func (c *fakeCluster) Ready() error           { return c.issue }
func (c *fakeCluster) Status() Status {
	return Status{Serf: map[string]string{"members": "1"}, Tags: map[string]string{"role": "dkron"}}
}
func (c *fakeCluster) Leave(context.Context) error { return c.leave }

type fakeLive struct{ text string }

func (f *fakeLive) Output(_ context.Context, keys []dkron.ExecutionKey, _ []uint64) (out []dkron.Chunk) {
	for _, k := range keys {
		out = append(out, dkron.Chunk{Key: k, Data: fmt.Appendf(nil, "%s %d", f.text, k.Launch)})
	}
	return out
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

type header struct{ key, value string }

func (s *server) do(method, target, body string, headers ...header) *answer {
	s.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, in)
	for _, h := range headers {
		r.Header.Set(h.key, h.value)
	}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
	return s.serve(s.t, r, true)
}

func (s *server) get(target string) *answer { s.t.Helper(); return s.do("GET", target, "") }

// create stores a job from its JSON.
func (s *server) create(bodies ...string) {
	s.t.Helper()
	for _, b := range bodies {
		s.do("POST", "/v1/jobs", b).want(201)
	}
}

func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d; body %q", a.status, status, a.body)
	}
	return a
}

func (a *answer) wantBody(body string) *answer {
	a.t.Helper()
	if a.body != body {
		a.t.Errorf("body\n%s\nwant\n%s", a.body, body)
	}
	return a
}

func (a *answer) wantHeader(key, value string) *answer {
	a.t.Helper()
	if got := a.header.Get(key); got != value {
		a.t.Errorf("%s is %q, want %q", key, got, value)
	}
	return a
}

// wantVary checks what the answer depends on, whatever the order.
func (a *answer) wantVary(names ...string) *answer {
	a.t.Helper()
	got := slices.Sorted(slices.Values(a.header.Values("Vary")))
	if !slices.Equal(got, names) {
		a.t.Errorf("Vary is %q, want %q", got, names)
	}
	return a
}

// object decodes the body.
func (a *answer) object() map[string]any {
	a.t.Helper()
	var m map[string]any
	a.decode(&m)
	return m
}

func (a *answer) decode(v any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
}

// each returns one field of every element, joined, and checks that the total is in the header.
func (a *answer) each(field string, total int) string {
	a.t.Helper()
	a.want(200).wantHeader("X-Total-Count", strconv.Itoa(total))
	var list []map[string]any
	a.decode(&list)
	var out []string
	for _, m := range list {
		out = append(out, fmt.Sprint(m[field]))
	}
	return strings.Join(out, " ")
}

// serveRaw sends a request that httptest would refuse to build.
func (s *server) serveRaw(t testing.TB, r *http.Request) *answer {
	t.Helper()
	return s.serve(t, r, false)
}

// serve also holds what comes back against the API's description, and what was accepted if the request means well.
func (s *server) serve(t testing.TB, r *http.Request, meansWell bool) *answer {
	t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	checkDocument(t, r, w, meansWell)
	return &answer{t, w.Code, w.Result().Header, w.Body.String()}
}
