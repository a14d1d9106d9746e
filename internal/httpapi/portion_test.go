package httpapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/state"
)

// slowClient takes one write at a time and reports each before it takes the next.
type slowClient struct {
	*httptest.ResponseRecorder
	wrote     chan int // sizes, as they come
	more      chan struct{}
	deadlines []time.Time
}

func newSlowClient() *slowClient {
	return &slowClient{ResponseRecorder: httptest.NewRecorder(), wrote: make(chan int), more: make(chan struct{})}
}

func (c *slowClient) Write(p []byte) (int, error) {
	c.wrote <- len(p)
	<-c.more
	return len(p), nil
}

func (c *slowClient) SetWriteDeadline(t time.Time) error {
	c.deadlines = append(c.deadlines, t)
	return nil
}

// fillLarge stores n jobs of some 20 KB each.
func fillLarge(t *testing.T, s *server, n int) {
	t.Helper()
	s.must(func(tx *state.Tx) error {
		for i := range n {
			j := &dkron.Job{Name: fmt.Sprintf("job-%04d", i), Number: tx.NewJobNumber(), Executor: "shell", ExecutorConfig: map[string]string{"command": strings.Repeat("x", 20_000)}}
			if err := tx.PutJob(j, new(dkron.Progress)); err != nil {
				return err
			}
		}
		return nil
	})
}

func heapNow() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestASlowClientHoldsNoMoreThanAPortion(t *testing.T) {
	const jobs = 1000
	s := newServer(t)
	fillLarge(t, s, jobs)
	before := heapNow()
	c, done := newSlowClient(), make(chan struct{})
	go func() {
		defer close(done)
		s.handler.ServeHTTP(c, httptest.NewRequest("GET", "/v1/jobs", nil))
	}()
	total, largest, portions := 0, 0, 0
	for running := true; running; {
		select {
		case n := <-c.wrote:
			if portions++; portions == 10 {
				if grown := heapNow() - before; grown > 1<<20 {
					t.Errorf("%d bytes are held for a client that reads slowly", grown)
				}
				// A restore waits for all readers of the state: there are none.
				s.restoreItself(t)
			}
			total, largest = total+n, max(largest, n)
			c.more <- struct{}{}
		case <-done:
			running = false
		}
	}
	if total < jobs*20_000 || largest > wholeBytes+portionBytes+21_000 || portions < jobs/5 {
		t.Errorf("%d bytes in %d writes of up to %d", total, portions, largest)
	}
	for i := 1; i < len(c.deadlines); i++ {
		if c.deadlines[i].Sub(c.deadlines[i-1]) != portionTime {
			t.Fatal("the write deadline does not grow by portionTime per portion")
		}
	}
	if len(c.deadlines) != portions-1 || time.Until(c.deadlines[0]) > httpserver.WriteTime+portionTime {
		t.Errorf("%d write deadlines, the first in %s", len(c.deadlines), time.Until(c.deadlines[0]))
	}
}

// restoreItself replaces the state with a snapshot of itself, which fails or hangs while somebody reads the state.
func (s *server) restoreItself(t *testing.T) {
	t.Helper()
	snapshot, err := s.store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var copied strings.Builder
	_, err = snapshot.WriteTo(&copied)
	if snapshot.Close(); err != nil {
		t.Fatal(err)
	}
	restored := make(chan error, 1)
	go func() { restored <- s.store.Restore(strings.NewReader(copied.String())) }()
	select {
	case err = <-restored:
	case <-time.After(30 * time.Second):
		t.Fatal("a client that reads slowly holds a view of the state")
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAListThatBreaksOffIsNotTakenForAWholeOne(t *testing.T) {
	s := newServer(t)
	fillLarge(t, s, 50)
	c := newSlowClient()
	aborted := make(chan any)
	go func() {
		defer func() { aborted <- recover() }()
		s.handler.ServeHTTP(c, httptest.NewRequest("GET", "/v1/jobs", nil))
	}()
	<-c.wrote
	s.store.Close()
	c.more <- struct{}{}
	if cause := <-aborted; cause != http.ErrAbortHandler {
		t.Errorf("%v", cause)
	}
	s.get("/v1/jobs").want(500)
}

func TestHeadOfAListDoesNotReadItWhole(t *testing.T) {
	s := newServer(t)
	fillLarge(t, s, 50)
	a := s.do("HEAD", "/v1/jobs", "").want(200).wantHeader("X-Total-Count", "50")
	if len(a.body) > wholeBytes+portionBytes+21_000 { // the recorder keeps bytes that a server would not send
		t.Errorf("%d bytes", len(a.body))
	}
}
