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

func TestEventsReportTheStartOfARunThatChecksIn(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(outside)
		all, chosen, others := s.listen("/v1/events"), s.listen("/v1/events?types=checkin"), s.listen("/v1/events?types=launch,execution,job")
		s.do("POST", "/v1/checkins/a?state=start&from=db1", "").want(202)
		started := `checkin.started 2.1 {"type":"checkin.started","at":"2.1","job":"a","node_name":"db1"}`
		all.close().wantEvents(started)
		chosen.close().wantEvents(started)
		others.close().wantEvents()
	})
}

// watcher lets a test ring it.
type watcher struct{ members, leader chan struct{} }

func (w *watcher) MembersChanged() <-chan struct{} { return w.members }
func (w *watcher) LeaderChanged() <-chan struct{}  { return w.leader }

func TestEventsNameTheNewLeader(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		w := &watcher{make(chan struct{}), make(chan struct{})}
		s.api.Watcher = w
		l := s.listen("/v1/events")
		ring := func(alone bool) {
			s.cluster.alone = alone
			old := w.leader
			w.leader = make(chan struct{})
			close(old)
			synctest.Wait()
		}
		ring(false)
		ring(true)
		l.close().wantEvents(`leader.changed  {"type":"leader.changed","node_name":"n1"}`, `leader.changed  {"type":"leader.changed"}`)
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
func listen(t *testing.T, ctx context.Context, srv *httptest.Server, path string) (*http.Response, *bufio.Scanner) {
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	counts := make(chan int)
	for range 5 {
		_, lines := listen(t, ctx, srv, "/v1/events?types=job.created")
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
