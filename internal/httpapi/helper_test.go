package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/compat"
	"dkron/internal/control"
	"dkron/internal/executor"
	"dkron/internal/noticeapi"
	"dkron/internal/request"
	"dkron/internal/state"
)

// noon is when everything happens in these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// server is the API on a store of its own, with the real use cases on a log in memory.
type server struct {
	t       testing.TB
	store   *state.Store
	log     *memoryLog
	control *control.Control
	handler http.Handler
	api     *api
	cluster *fakeCluster
	fleet   *fakeFleet
	live    *fakeLive
	fail    error                            // what the controller answers instead
	noRun   error                            // what RunJob answers instead
	judged  func(*dkron.Job) []dkron.Problem // what is wrong with executors; nil: nothing
}

func (s *server) judge(j *dkron.Job) []dkron.Problem {
	if s.judged == nil {
		return nil
	}
	return s.judged(j)
}

func newServer(t testing.TB, change ...func(*Config)) *server {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	err = store.Update(0, func(tx *state.Tx) error { // as a cluster whose servers have this release
		tx.Agree(state.Agreement{Protocol: compat.Protocol, By: compat.Release})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, store: store, cluster: &fakeCluster{leads: true}, live: &fakeLive{text: "live"}}
	s.log = &memoryLog{store: store, machine: command.NewMachine(store, slog.New(slog.DiscardHandler), func(err error) { panic(err) })}
	s.fleet = &fakeFleet{names: []string{"n1"}}
	s.control = control.New(control.Config{Log: s.log, State: store, Fleet: s.fleet, Judge: func(j *dkron.Job) []dkron.Problem { return s.judge(j) }, Suits: suits})
	cfg := Config{NodeName: "n1", Version: "devel", Controller: s, Cluster: s.cluster, Live: s.live, Planner: s.control, Surveyor: s.cluster, Plugins: fakePlugins{}, Executors: func() []executor.Entry { return nil }, Processors: func() []executor.Entry { return nil }, Store: store, Judge: s.judge}
	for _, c := range change {
		c(&cfg)
	}
	cfg.Routes = noticeapi.Routes(noticeapi.Config{Controller: cfg.Controller, Store: store})
	s.api = newAPI(cfg)
	s.handler = s.api.handler()
	return s
}

// memoryLog is a log whose entries are committed at once.
type memoryLog struct {
	store   *state.Store
	machine *command.Machine

	mu     sync.Mutex // guards the fields below, and orders the entries
	index  uint64
	refuse uint64 // there is no leader from this entry on; 0 is never
}

func (l *memoryLog) Propose(_ context.Context, data []byte) (any, uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse > 0 && l.index+1 >= l.refuse {
		return nil, 0, dkron.ErrNoLeader
	}
	if len(data) > 4<<20 {
		return nil, 0, dkron.Invalid("entry is too large")
	}
	l.index++
	return l.machine.Apply([]command.Entry{{Index: l.index, Data: data}})[0], l.index, nil
}

func (l *memoryLog) Leads() error { return nil }

func (l *memoryLog) ReadIndex(context.Context) (uint64, error) { return l.store.Applied() }

func (l *memoryLog) Lowest(context.Context) (uint64, string, error) {
	return compat.Protocol, "s1", nil
}

// update changes the state without a use case.
func (l *memoryLog) update(fn func(tx *state.Tx) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.index++
	return l.store.Update(l.index, func(tx *state.Tx) error {
		tx.Begin(l.index)
		return fn(tx)
	})
}

// fakeFleet is nodes without tags that the leader reaches, and others that it does not.
type fakeFleet struct{ names, away []string }

func (f *fakeFleet) Reach() (r dkron.Reach) {
	node := func(name string) dkron.Node {
		return dkron.Node{Name: name, Alive: true, Tags: map[string]string{"role": "dkron"}}
	}
	for _, n := range f.names {
		r.Live = append(r.Live, node(n))
	}
	for _, n := range f.away {
		r.Away = append(r.Away, node(n))
	}
	return r
}

func (s *server) must(fn func(tx *state.Tx) error) {
	s.t.Helper()
	if err := s.log.update(fn); err != nil {
		s.t.Fatal(err)
	}
}

// finish reports the end of all running executions of a job, as a node would.
func (s *server) finish(job string, result dkron.Result) {
	s.t.Helper()
	var results []dkron.Result
	err := s.store.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool {
			if e.JobName == job {
				r := result
				r.Key, r.Group, r.Attempt, r.NodeName, r.JobName = e.Key, e.Group, e.Attempt, e.NodeName, job
				r.StartedAt, r.FinishedAt = e.StartedAt, time.Now().UTC()
				r.OutputSize = max(r.OutputSize, uint64(len(r.Output)))
				results = append(results, r)
			}
			return true
		})
	})
	if err == nil {
		err = s.control.Finish(s.t.Context(), results)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Do makes the server the controller. It fails if the test asks for that.
func (s *server) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	if _, run := r.(*request.RunJob); run && s.noRun != nil {
		return nil, 0, s.noRun
	}
	if s.fail != nil {
		return nil, 0, s.fail
	}
	return s.control.Do(ctx, r)
}

// createdAt moves the creation of a job to another time.
func (s *server) createdAt(name string, at time.Time) {
	s.t.Helper()
	s.must(func(tx *state.Tx) error {
		r, err := readRecord(tx, name)
		if err != nil {
			return err
		}
		r.Job.CreatedAt = at
		return tx.PutJob(&r.Job, &r.Progress)
	})
}

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
			tx.Tick(due.Add(time.Second))
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
			if err := tx.Count(&e, e.FinishedAt); err != nil {
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
	survey  Survey
	mute    error // why there is no survey
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

func (c *fakeCluster) Survey(context.Context) (*Survey, error) {
	s := c.survey
	return &s, c.mute
}

// fakeLive has the same text for everything, or one that a test gives it.
type fakeLive struct {
	text string

	mu     sync.Mutex // guards the fields below
	held   *dkron.Chunk
	nobody bool // there is no leader to ask
	asked  int
}

// hold replaces the output that the leader holds, for every execution.
func (f *fakeLive) hold(offset uint64, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held, f.nobody = &dkron.Chunk{Offset: offset, Data: []byte(text)}, false
}

func (f *fakeLive) lose() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nobody = true
}

func (f *fakeLive) Output(_ context.Context, keys []dkron.ExecutionKey, from []uint64) (out []dkron.Chunk) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	for i, k := range keys {
		if f.nobody {
			continue
		}
		c := dkron.Chunk{Key: k, Data: fmt.Appendf(nil, "%s %d", f.text, k.Launch)}
		if f.held != nil {
			c.Offset, c.Data = f.held.Offset, f.held.Data
		}
		if i < len(from) && from[i] > c.Offset {
			past := min(from[i]-c.Offset, uint64(len(c.Data)))
			c.Offset, c.Data = c.Offset+past, c.Data[past:]
		}
		if len(c.Data) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// events returns what a stream has sent, an event each, "name id data", without its comments.
func (a *answer) events() (out []string) {
	a.t.Helper()
	for _, block := range strings.Split(strings.TrimSuffix(a.body, "\n\n"), "\n\n") {
		var id, name, data string
		for line := range strings.SplitSeq(block, "\n") {
			field, value, _ := strings.Cut(line, ": ")
			switch field {
			case "id":
				id = value
			case "event":
				name = value
			case "data":
				data += value
			}
		}
		if name != "" {
			out = append(out, strings.Join([]string{name, id, data}, " "))
		}
	}
	return out
}

// wantEvents checks what a stream has sent; a text that ends in … may continue.
func (a *answer) wantEvents(want ...string) *answer {
	a.t.Helper()
	got := a.want(200).events()
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		begin, open := strings.CutSuffix(want[i], "…")
		same = got[i] == want[i] || open && strings.HasPrefix(got[i], begin)
	}
	if !same {
		a.t.Errorf("events\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	return a
}

// answer is a received answer.
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

// wantJob checks a body whose times depend on the test's run: "now" in want matches any of them.
func (a *answer) wantJob(body string) *answer {
	a.t.Helper()
	a.body = realTime.ReplaceAllString(a.body, `"now"`)
	return a.wantBody(body)
}

var realTime = regexp.MustCompile(`"20\d\d-\d\d-\d\dT[0-9:.]+Z"`)

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

// serve also checks the answer, and an accepted request that means well, against the API's description.
func (s *server) serve(t testing.TB, r *http.Request, meansWell bool) *answer {
	t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	checkDocument(t, r, w, meansWell)
	return &answer{t, w.Code, w.Result().Header, w.Body.String()}
}
