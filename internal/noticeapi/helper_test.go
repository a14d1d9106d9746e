package noticeapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/compat"
	"dkron/internal/control"
	"dkron/internal/courier"
	"dkron/internal/httpapi"
	"dkron/internal/noticeapi"
	"dkron/internal/notify"
	"dkron/internal/request"
	"dkron/internal/state"
	"dkron/test/openapicheck"
)

// world is the API on a store of its own, with the real use cases on a log in memory, and a real courier.
type world struct {
	t       *testing.T
	store   *state.Store
	log     *memoryLog
	control *control.Control
	outbox  *notify.Outbox
	handler http.Handler
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	err = store.Update(0, func(tx *state.Tx) error {
		tx.Agree(state.Agreement{Protocol: compat.Protocol, By: compat.Release})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	w := &world{t: t, store: store}
	w.log = &memoryLog{store: store, machine: command.NewMachine(store, quiet, func(err error) { panic(err) })}
	options := notify.Options{Cluster: func() string { return "c1" }, Logger: quiet}
	n, _, _ := notify.New(notify.Settings{}, options)
	t.Cleanup(n.Close)
	w.outbox = notify.NewOutbox(n, notify.Settings{}, options, func(ctx context.Context, job string, env map[string]string, payload string) error {
		_, err := request.Do(ctx, w.control, &request.LaunchJob{Job: job, Change: &dkron.Change{Env: env, Payload: &dkron.Payload{Text: payload}}})
		return err
	})
	w.control = control.New(control.Config{
		Log: w.log, State: store, Fleet: fleet{}, CheckChannel: w.outbox.Check,
		Judge: func(*dkron.Job) []dkron.Problem { return nil }, Suits: func(string, *dkron.Change) error { return nil },
	})
	var types []noticeapi.Type
	for _, c := range notify.ChannelTypes() {
		types = append(types, noticeapi.Type{Name: c.Name, Schema: c.Schema.JSON()})
	}
	w.handler = httpapi.New(httpapi.Config{NodeName: "n1", Controller: w.control, Store: store, Routes: noticeapi.Routes(noticeapi.Config{
		Controller: w.control, Store: store, Sender: w.outbox, Types: types,
		Brief: func(tx *state.Tx, c *dkron.Channel, m *dkron.Message) *dkron.Brief {
			b := courier.NewBrief(tx, c, m, "http://n1:8080")
			b.Cluster, b.Reporting = "c1", "n1"
			return b
		},
	})})
	return w
}

// leads runs a courier until the test ends or the returned function is called.
func (w *world) leads() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = courier.New(courier.Config{
			Node: "n1", Cluster: func() string { return "c1" }, Link: func() string { return "http://n1:8080" }, State: w.store, Recorder: w.control,
			Sender: w.outbox, Logger: slog.New(slog.DiscardHandler),
		}).Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	w.t.Cleanup(stop)
	return stop
}

type fleet struct{}

func (fleet) Reach() (r dkron.Reach) {
	r.Live = []dkron.Node{{Name: "n1", Alive: true}}
	return r
}

// memoryLog is a log whose entries are committed at once.
type memoryLog struct {
	store   *state.Store
	machine *command.Machine

	mu    sync.Mutex // guards index, and orders the entries
	index uint64
}

func (l *memoryLog) Propose(_ context.Context, data []byte) (any, uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.index++
	return l.machine.Apply([]command.Entry{{Index: l.index, Data: data}})[0], l.index, nil
}

func (l *memoryLog) Leads() error { return nil }

func (l *memoryLog) ReadIndex(context.Context) (uint64, error) { return l.store.Applied() }

func (l *memoryLog) Lowest(context.Context) (uint64, string, error) {
	return compat.Protocol, "s1", nil
}

// do makes a call, which must be answered with this status, as the API's description says.
func (w *world) do(method, path, body string, status int) string {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	a := httptest.NewRecorder()
	w.handler.ServeHTTP(a, r)
	if a.Code != status {
		w.t.Fatalf("%s %s: %d %s, want %d", method, path, a.Code, a.Body, status)
	}
	err := openapicheck.New(w.t).Check(r, a.Result(), a.Body.Bytes())
	if err != nil && (status < 400 || !errors.Is(err, openapicheck.ErrRequest)) {
		w.t.Errorf("%s %s: %v", method, path, err)
	}
	return a.Body.String()
}

func (w *world) object(method, path, body string, status int) (v map[string]any) {
	w.t.Helper()
	if text := w.do(method, path, body, status); json.Unmarshal([]byte(text), &v) != nil {
		w.t.Fatalf("%s %s: %s", method, path, text)
	}
	return v
}

func (w *world) list(path string) (v []map[string]any) {
	w.t.Helper()
	if text := w.do("GET", path, "", 200); json.Unmarshal([]byte(text), &v) != nil {
		w.t.Fatalf("%s: %s", path, text)
	}
	return v
}

// fails runs a job once, which fails and prints something. It returns the launch's id.
func (w *world) ends(job string, outcome dkron.Outcome) string {
	w.t.Helper()
	done, err := request.Do(w.t.Context(), w.control, &request.RunJob{Job: job, Cause: dkron.CauseManual})
	if err != nil {
		w.t.Fatal(err)
	}
	var results []dkron.Result
	err = w.store.View(func(tx *state.Tx) error {
		return tx.LaunchExecutions(done.Launch.Number, func(e *dkron.Execution) bool {
			results = append(results, dkron.Result{
				Key: e.Key, Group: e.Group, Attempt: e.Attempt, NodeName: e.NodeName, JobName: job, StartedAt: e.StartedAt, FinishedAt: time.Now().UTC(),
				Outcome: outcome, Reason: "exit code 3 on n1", Output: []byte("one\ntwo \"quoted\"\n"), OutputSize: 17,
			})
			return true
		})
	})
	if err == nil {
		err = w.control.Finish(w.t.Context(), results)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return done.Launch.ID()
}

// hook is a receiver that keeps what it gets by its id, and answers as it is told.
type hook struct {
	*httptest.Server
	mu     sync.Mutex // guards what follows
	bodies []string
	ids    []string
	answer int
}

func newHook(t *testing.T) *hook {
	h := &hook{answer: 200}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bodies, h.ids = append(h.bodies, string(data)), append(h.ids, r.Header.Get("Dkron-Notification-Id"))
		w.WriteHeader(h.answer)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) says(answer int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

func (h *hook) got() (bodies, ids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.bodies...), append([]string(nil), h.ids...)
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}
