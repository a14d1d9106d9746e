package httpapi

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// listener is a client of a stream, in a bubble.
type listener struct {
	s    *server
	w    *httptest.ResponseRecorder
	end  context.CancelFunc
	done chan bool
}

func (s *server) listen(target string, headers ...header) *listener {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	l := &listener{s, httptest.NewRecorder(), cancel, make(chan bool)}
	r := httptest.NewRequest("GET", target, nil).WithContext(ctx)
	for _, h := range headers {
		r.Header.Set(h.key, h.value)
	}
	go func() {
		defer close(l.done)
		s.handler.ServeHTTP(l.w, r)
	}()
	synctest.Wait()
	return l
}

// close ends the stream and returns what came.
func (l *listener) close() *answer {
	synctest.Wait()
	l.end()
	<-l.done
	return &answer{l.s.t, l.w.Code, l.w.Result().Header, l.w.Body.String()}
}

// names returns the types of the events of a stream.
func (a *answer) names() string {
	a.t.Helper()
	var out []string
	for _, e := range a.want(200).events() {
		out = append(out, strings.Fields(e)[0])
	}
	return strings.Join(out, " ")
}

func TestEventsTellWhatTheLogDoes(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"before","schedule":"@manually"}`)
		l := s.listen("/v1/events")
		s.create(`{"name":"a","schedule":"@manually"}`)
		launch, execution := s.runs("a")
		s.finish("a", dkron.Result{Outcome: dkron.Failed})
		s.create(`{"name":"a","schedule":"@hourly"}`)
		s.do("DELETE", "/v1/jobs/a", "")
		l.close().wantHeader("Content-Type", respond.EventStream).wantHeader("X-Whom", "n1").wantEvents(
			`job.created 2.1 {"type":"job.created","at":"2.1","job":"a","revision":1}`,
			`launch.created 3.1 {"type":"launch.created","at":"3.1","job":"a","launch_id":"`+launch+`","state":"waiting","cause":"manual"}`,
			`launch.started 3.2 {"type":"launch.started","at":"3.2","job":"a","launch_id":"`+launch+`","state":"running","cause":"manual"}`,
			`execution.started 3.3 {"type":"execution.started","at":"3.3","job":"a","launch_id":"`+launch+`","execution_id":"`+execution+`","node_name":"n1","attempt":1}`,
			`execution.ended 4.1 {"type":"execution.ended","at":"4.1","job":"a","launch_id":"`+launch+`","execution_id":"`+execution+`","node_name":"n1","attempt":1,"outcome":"failed"}`,
			`launch.ended 4.2 {"type":"launch.ended","at":"4.2","job":"a","launch_id":"`+launch+`","state":"failed","cause":"manual","reason":"failed on n1"}`,
			`job.updated 5.1 {"type":"job.updated","at":"5.1","job":"a","revision":2}`,
			`job.deleted 6.1 {"type":"job.deleted","at":"6.1","job":"a","revision":2}`)
	})
}

func TestEventsAreFiltered(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		w := new(watcher)
		w.reset()
		s.api.Watcher = w
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
			listeners[query] = s.listen("/v1/events" + query)
		}
		s.create(`{"name":"a","schedule":"@manually"}`, `{"name":"b","schedule":"@manually"}`)
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
		s.get("/v1/events?types=job.moved").want(400)
		s.get("/v1/events?types=jobs").want(400)
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
		s.api.Watcher = w
		l := s.listen("/v1/events")
		w.ring(&w.leader)
		synctest.Wait()
		s.cluster.alone = true
		w.ring(&w.leader)
		synctest.Wait()
		w.ring(&w.members)
		a := l.close()
		a.wantEvents(`leader.changed  {"type":"leader.changed","node_name":"n1"}`, `leader.changed  {"type":"leader.changed"}`, `member.changed  {"type":"member.changed"}`)
		if strings.Contains(a.body, "id:") {
			t.Error(a.body)
		}
	})
}

func TestEventsGoOnBehindTheOneThatAClientGotLast(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually"}`, `{"name":"b","schedule":"@manually"}`)
		s.runs("a")
		for after, want := range map[string]string{
			"0.0": "1.1 2.1 3.1 3.2 3.3", "1.1": "2.1 3.1 3.2 3.3", "2.0": "2.1 3.1 3.2 3.3", "3.2": "3.3", "3.3": "", "3.9": "",
		} {
			var got []string
			for _, e := range s.listen("/v1/events?after=0.0", header{"Last-Event-ID", after}).close().events() {
				got = append(got, strings.Fields(e)[1])
			}
			if strings.Join(got, " ") != want {
				t.Errorf("after %s: %s", after, got)
			}
		}
		if got := s.listen("/v1/events?after=2.1").close().names(); got != "launch.created launch.started execution.started" {
			t.Error(got)
		}
		for _, bad := range []string{"x", "1", "1.x", "-1.0", "1.99999999999", "1.2.3"} {
			s.get("/v1/events?after=" + bad).want(400).wantBody(`after must be the id of an event such as 1024.3, not "` + bad + `"`)
		}
	})
}

// noise makes events of a job that nobody asked for, all in one commit.
func (s *server) noise(n int) {
	s.must(func(tx *state.Tx) error {
		for range n {
			tx.NoteJob(state.JobUpdated, &dkron.Job{Name: "noise"})
		}
		return nil
	})
}

func TestAReaderThatIsTooFarBehindHasToReadAnew(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually"}`)
		s.noise(20_000)
		l := s.listen("/v1/events?after=1.1&types=launch")
		s.runs("a")
		l.close().wantEvents(`reset 2.20000 {"type":"reset","at":"2.20000"}`, `launch.created 3.1 …`, `launch.started 3.2 …`)
	})
}

func TestAReaderOfWhatIsRareIsToldHowFarItHasCome(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		l := s.listen("/v1/events?job=a")
		s.noise(5000)
		if a := l.close(); len(a.events()) != 0 || !strings.Contains(a.body, "\n\nid: 1.4") {
			t.Errorf("%q", a.body)
		}
	})
}

func TestAClientThatSawMoreElsewhereWaitsForThisServer(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually"}`)
		began := time.Now()
		behind := s.listen("/v1/events?after=2.1")
		s.create(`{"name":"b","schedule":"@manually"}`, `{"name":"c","schedule":"@manually"}`)
		behind.close().wantEvents(`job.created 3.1 …`)
		if time.Since(began) > 0 {
			t.Error("it waited for the clock")
		}
		other := s.listen("/v1/events?after=900.1") // of a cluster that no longer exists
		time.Sleep(aheadTime)
		synctest.Wait()
		s.create(`{"name":"d","schedule":"@manually"}`)
		other.close().wantEvents(`reset 3.1 …`, `job.created 4.1 …`)
	})
}

func TestEventStreamsAreBounded(t *testing.T) {
	s := newServer(t, func(c *Config) { c.MaxStreams = 1 })
	release, err := s.api.streams.Hold()
	if err != nil {
		t.Fatal(err)
	}
	s.get("/v1/events").want(503)
	release()
	s.do("HEAD", "/v1/events", "").want(200)
	if s.api.streams.Open() != 0 {
		t.Error("a stream is still open")
	}
}

// follow opens a stream as a browser would, and reads the comment that it begins with.
func follow(t *testing.T, ctx context.Context, srv *httptest.Server, path string) (*http.Response, *bufio.Scanner) {
	t.Helper()
	req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL+path, nil)
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || lines.Text() != ": open" || !lines.Scan() {
		t.Fatalf("the stream begins with %q, %v", lines.Text(), lines.Err())
	}
	return resp, lines
}

func TestManyReadersOfEventsAndWriters(t *testing.T) {
	s := newServer(t)
	srv := httptest.NewServer(s.handler)
	defer srv.Close()
	const jobs = 50
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	counts := make(chan int)
	for range 5 {
		_, lines := follow(t, ctx, srv, "/v1/events?types=job.created")
		go func() {
			n := 0
			for n < jobs && lines.Scan() {
				if lines.Text() == "event: job.created" {
					n++
				}
			}
			counts <- n
		}()
	}
	for i := range jobs {
		resp, err := http.Post(srv.URL+"/v1/jobs", "application/json", strings.NewReader(fmt.Sprintf(`{"name":"j%d","schedule":"@manually"}`, i)))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	for range 5 {
		if n := <-counts; n != jobs {
			t.Errorf("a reader got %d events of %d", n, jobs)
		}
	}
}
