package feed

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// server is a feed of a store, in a bubble.
type server struct {
	t     *testing.T
	store *state.Store
	feed  *Feed
	alone bool   // there is no leader
	index uint64 // of the last log entry
}

func inTime(t *testing.T, test func(t *testing.T, s *server)) {
	synctest.Test(t, func(t *testing.T) { test(t, newServer(t)) })
}

func newServer(t *testing.T) *server {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s := &server{t: t, store: store}
	s.feed = &Feed{Log: store.Events(), Streams: respond.NewStreams(t.Context(), 100), Leader: func() string {
		if s.alone {
			return ""
		}
		return "n1"
	}}
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.feed.Follow(w, r); err != nil {
		respond.Fail(w, r, err, slog.New(slog.DiscardHandler))
	}
}

// commit makes a log entry of events.
func (s *server) commit(note func(tx *state.Tx)) {
	s.t.Helper()
	s.index++
	err := s.store.Update(s.index, func(tx *state.Tx) error {
		tx.Begin(s.index)
		note(tx)
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) create(job string) {
	s.t.Helper()
	s.commit(func(tx *state.Tx) { tx.NoteJob(state.JobCreated, &dkron.Job{Name: job}) })
}

// runs begins a launch of a job.
func (s *server) runs(job string) {
	s.t.Helper()
	s.commit(func(tx *state.Tx) {
		l := &dkron.Launch{Job: job, Group: 1}
		tx.NoteLaunch(state.LaunchCreated, l)
		tx.NoteLaunch(state.LaunchStarted, l)
		tx.NoteExecution(state.ExecutionStarted, &dkron.Execution{JobName: job, Group: 1, NodeName: "n1", Attempt: 1})
	})
}

// listener is a client.
type listener struct {
	t    *testing.T
	w    *httptest.ResponseRecorder
	end  context.CancelFunc
	done chan bool
}

// listen opens a stream. last is the last event that the client got; "" is none.
func (s *server) listen(query, last string) *listener {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	l := &listener{s.t, httptest.NewRecorder(), cancel, make(chan bool)}
	r := httptest.NewRequest("GET", "/"+query, nil).WithContext(ctx)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	go func() {
		defer close(l.done)
		s.ServeHTTP(l.w, r)
	}()
	synctest.Wait()
	return l
}

// close ends the stream.
func (l *listener) close() *listener {
	synctest.Wait()
	l.end()
	<-l.done
	return l
}

// events returns what came, an event each, "name id data".
func (l *listener) events() (out []string) {
	l.t.Helper()
	if l.w.Code != 200 {
		l.t.Fatalf("status %d: %s", l.w.Code, l.w.Body)
	}
	for block := range strings.SplitSeq(l.w.Body.String(), "\n\n") {
		fields := make(map[string]string)
		for line := range strings.SplitSeq(block, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			fields[name] = value
		}
		if fields["event"] != "" {
			out = append(out, strings.Join([]string{fields["event"], fields["id"], fields["data"]}, " "))
		}
	}
	return out
}

// each returns one word of every event.
func (l *listener) each(word int) string {
	l.t.Helper()
	var out []string
	for _, e := range l.events() {
		out = append(out, strings.Fields(e)[word])
	}
	return strings.Join(out, " ")
}

func (l *listener) names() string { l.t.Helper(); return l.each(0) }

// wantEvents checks what came.
func (l *listener) wantEvents(want ...string) {
	l.t.Helper()
	if got := l.events(); !slices.Equal(got, want) {
		l.t.Errorf("events\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// refused checks that there is no stream.
func (s *server) refused(query, want string) {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/"+query, nil))
	if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
		s.t.Errorf("%s: %d %s", query, w.Code, w.Body)
	}
}

func TestEventsAreFiltered(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		w := new(watcher)
		w.reset()
		s.feed.Watcher = w
		want := map[string]string{
			"":                         "job.created job.created launch.created launch.started execution.started member.changed leader.changed",
			"?types=job":               "job.created job.created",
			"?types=job,launch.ended":  "job.created job.created",
			"?types=launch&types=job":  "job.created job.created launch.created launch.started",
			"?types=execution.started": "execution.started",
			"?types=member":            "member.changed",
			"?job=a":                   "job.created launch.created launch.started execution.started",
			"?job=a&job=b":             "job.created job.created launch.created launch.started execution.started",
			"?job=b&types=job,leader":  "job.created leader.changed",
			"?job=none":                "",
			"?types=,":                 "job.created job.created launch.created launch.started execution.started member.changed leader.changed",
		}
		listeners := make(map[string]*listener)
		for query := range want {
			listeners[query] = s.listen(query, "")
		}
		s.create("a")
		s.create("b")
		s.runs("a")
		synctest.Wait()
		w.ring(&w.members)
		synctest.Wait()
		w.ring(&w.leader)
		for query, l := range listeners {
			if got := l.close().names(); got != want[query] {
				t.Errorf("%s: %s", query, got)
			}
		}
		s.refused("?types=job.moved", `types has "job.moved", use job, launch, execution, checkin, member, leader or one of `)
		s.refused("?types=jobs", `types has "jobs"`)
	})
}

// watcher lets tests ring it.
type watcher struct{ members, leader chan struct{} }

func (w *watcher) reset()                          { w.members, w.leader = make(chan struct{}), make(chan struct{}) }
func (w *watcher) MembersChanged() <-chan struct{} { return w.members }
func (w *watcher) LeaderChanged() <-chan struct{}  { return w.leader }

func (w *watcher) ring(c *chan struct{}) {
	old := *c
	*c = make(chan struct{})
	close(old)
}

func TestEventsOfTheClusterHaveNoPlaceInTheLog(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		w := new(watcher)
		w.reset()
		s.feed.Watcher = w
		l := s.listen("", "")
		w.ring(&w.leader)
		synctest.Wait()
		s.alone = true
		w.ring(&w.leader)
		synctest.Wait()
		w.ring(&w.members)
		l.close().wantEvents(`leader.changed  {"type":"leader.changed","node_name":"n1"}`, `leader.changed  {"type":"leader.changed"}`, `member.changed  {"type":"member.changed"}`)
		if body := l.w.Body.String(); strings.Contains(body, "id:") {
			t.Error(body)
		}
	})
}

func TestEventsGoOnBehindTheOneThatAClientGotLast(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create("a")
		s.create("b")
		s.runs("a")
		for after, want := range map[string]string{
			"0.0": "1.1 2.1 3.1 3.2 3.3", "1.1": "2.1 3.1 3.2 3.3", "2.0": "2.1 3.1 3.2 3.3", "3.2": "3.3", "3.3": "", "3.9": "",
		} {
			if got := s.listen("?after=0.0", after).close().each(1); got != want {
				t.Errorf("after %s: %s", after, got)
			}
		}
		if got := s.listen("?after=2.1", "").close().names(); got != "launch.created launch.started execution.started" {
			t.Error(got)
		}
		for _, bad := range []string{"x", "1", "1.x", "-1.0", "1.99999999999", "1.2.3"} {
			s.refused("?after="+bad, `after must be the id of an event such as 1024.3, not "`+bad+`"`)
		}
	})
}

// noise makes events of a job that nobody asked for, all in one commit.
func (s *server) noise(n int) {
	s.commit(func(tx *state.Tx) {
		for range n {
			tx.NoteJob(state.JobUpdated, &dkron.Job{Name: "noise"})
		}
	})
}

func TestAReaderThatIsTooFarBehindHasToReadAnew(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create("a")
		s.noise(20_000)
		l := s.listen("?after=1.1&types=launch", "")
		s.runs("a")
		l.close()
		if got := l.events(); l.each(1) != "2.20000 3.1 3.2" || got[0] != `reset 2.20000 {"type":"reset","at":"2.20000"}` {
			t.Error(got)
		}
	})
}

func TestAReaderOfWhatIsRareIsToldHowFarItHasCome(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		l := s.listen("?job=a", "")
		s.noise(5000)
		l.close()
		if body := l.w.Body.String(); len(l.events()) != 0 || !strings.Contains(body, "\n\nid: 1.4") {
			t.Errorf("%q", body)
		}
	})
}

func TestAClientThatSawMoreElsewhereWaitsForThisServer(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create("a")
		began := time.Now()
		behind := s.listen("?after=2.1", "")
		s.create("b")
		s.create("c")
		behind.close().wantEvents(`job.created 3.1 {"type":"job.created","at":"3.1","job":"c"}`)
		if time.Since(began) > 0 {
			t.Error("it waited for the clock")
		}
		other := s.listen("?after=900.1", "") // of a cluster that no longer exists
		time.Sleep(aheadTime)
		synctest.Wait()
		s.create("d")
		other.close().wantEvents(`reset 3.1 {"type":"reset","at":"3.1"}`, `job.created 4.1 {"type":"job.created","at":"4.1","job":"d"}`)
	})
}
