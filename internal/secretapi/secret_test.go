package secretapi_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/compat"
	"dkron/internal/control"
	"dkron/internal/httpapi"
	"dkron/internal/request"
	"dkron/internal/secret"
	"dkron/internal/secretapi"
	"dkron/internal/state"
	"dkron/internal/vault"
	"dkron/test/openapicheck"
)

// world is the API on a store of its own, with the real use cases on a log in memory.
type world struct {
	t       *testing.T
	vault   *vault.Vault
	control *control.Control
	handler http.Handler
	entries [][]byte // all that was written to the log
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
	w := &world{t: t, vault: &vault.Vault{Keys: new(secret.Keys), Store: store, Protected: func() bool { return false }, Sync: func(context.Context) error { return nil }}}
	w.control = control.New(control.Config{
		Log: &memoryLog{w: w, machine: command.NewMachine(store, quiet, func(err error) { panic(err) })}, State: store, Fleet: fleet{},
		Judge: func(*dkron.Job) []dkron.Problem { return nil }, Suits: func(string, *dkron.Change) error { return nil },
	})
	w.handler = httpapi.New(httpapi.Config{NodeName: "n1", Controller: w.control, Store: store, Logger: quiet,
		Routes: secretapi.Routes(secretapi.Config{Controller: w.control, Vault: w.vault})})
	return w
}

// keys gives the server the keys with these letters.
func (w *world) keys(letters string) {
	w.t.Helper()
	text := ""
	for _, l := range letters {
		text += base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(l)}, 32)) + "\n"
	}
	keys, err := secret.ParseKeys(text)
	if err != nil {
		w.t.Fatal(err)
	}
	w.vault.Keys = keys
}

type fleet struct{}

func (fleet) Reach() (r dkron.Reach) { return r }

// memoryLog is a log whose entries are committed at once.
type memoryLog struct {
	w       *world
	machine *command.Machine
}

func (l *memoryLog) Propose(_ context.Context, data []byte) (any, uint64, error) {
	l.w.entries = append(l.w.entries, data)
	index := uint64(len(l.w.entries))
	return l.machine.Apply([]command.Entry{{Index: index, Data: data}})[0], index, nil
}

func (l *memoryLog) Leads() error { return nil }

func (l *memoryLog) ReadIndex(context.Context) (uint64, error) { return l.w.vault.Store.Applied() }

func (l *memoryLog) Lowest(context.Context) (uint64, string, error) {
	return compat.Protocol, "s1", nil
}

// do makes a call, which must be answered with this status and say this, as the API's description allows.
func (w *world) do(method, path, body string, status int, says string) string {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	a := httptest.NewRecorder()
	w.handler.ServeHTTP(a, r)
	if a.Code != status || !strings.Contains(a.Body.String(), says) {
		w.t.Errorf("%s %s %s: %d %s; want %d and %q", method, path, body, a.Code, a.Body, status, says)
	}
	if err := openapicheck.New(w.t).Check(r, a.Result(), a.Body.Bytes()); err != nil && (status < 400 || !errors.Is(err, openapicheck.ErrRequest)) {
		w.t.Errorf("%s %s: %v", method, path, err)
	}
	if strings.Contains(a.Body.String(), "hunter") {
		w.t.Errorf("%s %s answers with a value: %s", method, path, a.Body)
	}
	return a.Body.String()
}

func (w *world) job(name string, config map[string]string) {
	w.t.Helper()
	j := dkron.Job{Name: name, Schedule: "@daily", Executor: "shell", ExecutorConfig: config}
	if _, err := request.Do(w.t.Context(), w.control, &request.SetJob{Record: dkron.Record{Job: j}}); err != nil {
		w.t.Fatal(err)
	}
}

func TestSecretsAreWrittenListedAndRemovedWithoutTheirValues(t *testing.T) {
	w := newWorld(t)
	w.do("PUT", "/v1/secrets/db", `{"value":"hunter22"}`, 409, "set secrets-key-file on all servers")
	w.keys("a")
	w.do("GET", "/v1/secrets", "", 200, "[]")
	w.do("PUT", "/v1/secrets/db", `{"value":"hunter22"}`, 200, `"name":"db","jobs":[],"used_by":{"jobs":[],"job_count":0,"channels":[]}`)
	w.do("PUT", "/v1/secrets/db", `{"jobs":["bill-*"]}`, 200, `"jobs":["bill-*"]`)
	w.do("PUT", "/v1/secrets/db", `{"value":"hunter23"}`, 200, `"jobs":["bill-*"]`) // a new value does not open it to others
	if v, err := w.vault.Value("db"); v != "hunter23" || err != nil {
		t.Errorf("the value is %q, %v", v, err)
	}
	w.job("bill-a", map[string]string{"env": "A=${secret:db}"})
	w.job("z", map[string]string{"payload": base64.StdEncoding.EncodeToString([]byte("x ${secret:db}"))})
	w.job("y", map[string]string{"command": "echo $${secret:db} ${secret:} ${db}"})
	w.do("GET", "/v1/secrets/db", "", 200, `"used_by":{"jobs":["bill-a","z"],"job_count":2,"channels":[]}`)
	w.do("DELETE", "/v1/secrets/db", "", 409, `secret "db" is used by the jobs bill-a, z`)
	w.do("DELETE", "/v1/secrets/db?force=maybe", "", 400, "write true or false")
	w.do("GET", "/v1/secrets/none", "", 404, `no secret is called "none"; GET /v1/secrets lists them`)
	w.do("DELETE", "/v1/secrets/none", "", 404, `no secret is called "none"; GET /v1/secrets lists them`)
	w.do("DELETE", "/v1/secrets/db?force=true", "", 204, "")
	w.do("GET", "/v1/secrets", "", 200, "[]")
	for _, e := range w.entries {
		if bytes.Contains(e, []byte("hunter")) {
			t.Errorf("the log has a value: %q", e)
		}
	}
}

func TestWrittenSecretsThatCantBeOnesAreRefusedAndChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.keys("a")
	for body, says := range map[string]string{
		``:                                  "the body is not JSON",
		`{}`:                                "value is missing",
		`{"value":"hun"}`:                   "value has fewer than 4 bytes",
		`{"value":["hunter"]}`:              "value can't be a array",
		`{"valeu":"hunter22"}`:              "a field other than value and jobs",
		`{"value":"hunter22"} x`:            "text after the object",
		`{"value":"hunter\u0000"}`:          "zero byte",
		`{"jobs":["a"]}`:                    "value is missing, and there is no secret db",
		`{"value":"hunter22","jobs":["["]}`: "jobs[0]",
		`{"value":"` + strings.Repeat("x", secret.MaxValue+1) + `"}`: "at most 65536 are allowed",
	} {
		w.do("PUT", "/v1/secrets/db", body, 400, says)
	}
	w.do("PUT", "/v1/secrets/1st", `{"value":"hunter22"}`, 400, "can't be a name")
	w.do("GET", "/v1/secrets", "", 200, "[]")
}

func TestKeysAreChangedWithoutInterruption(t *testing.T) {
	w := newWorld(t)
	w.do("POST", "/v1/secret-keys/rotate", "", 409, "no key for secrets")
	w.keys("a")
	w.do("PUT", "/v1/secrets/one", `{"value":"hunter-1"}`, 200, `"revision":1`)
	w.do("PUT", "/v1/secrets/two", `{"value":"hunter-2"}`, 200, "")
	old := w.vault.Keys.IDs()[0]
	before := w.do("GET", "/v1/secrets/one", "", 200, old)
	w.keys("ba")
	both := w.vault.Keys.IDs()
	w.do("GET", "/v1/secret-keys", "", 200, `[{"id":"`+both[0]+`","seals":true,"here":true,"secrets":0},{"id":"`+old+`","seals":false,"here":true,"secrets":2}]`)
	w.do("PUT", "/v1/secrets/three", `{"value":"hunter-3"}`, 200, both[0])
	w.keys("b")
	w.do("GET", "/v1/secrets/one", "", 200, `"readable":false`)
	w.do("GET", "/v1/secret-keys", "", 200, `{"id":"`+old+`","seals":false,"here":false,"secrets":2}`)
	w.do("POST", "/v1/secret-keys/rotate", "", 409, "2 of 3 secrets could not be sealed anew: secret one is sealed with the key "+old)
	w.keys("ba")
	w.do("POST", "/v1/secret-keys/rotate", "", 200, `{"key":"`+both[0]+`","sealed":2}`)
	w.do("POST", "/v1/secret-keys/rotate", "", 200, `"sealed":0`)
	w.keys("b")
	if after := w.do("GET", "/v1/secrets/one", "", 200, `"readable":true`); after != strings.Replace(before, old, both[0], 1) {
		t.Errorf("changing keys changed more than the key:\n%s\n%s", before, after)
	}
	for name, want := range map[string]string{"one": "hunter-1", "two": "hunter-2", "three": "hunter-3"} {
		if v, err := w.vault.Value(name); v != want || err != nil {
			t.Errorf("%s is %q, %v", name, v, err)
		}
	}
}

// Between reading a secret and sealing it anew, somebody sets it: the new value stays.
func TestSealingAnewNeverBringsBackAnOldValue(t *testing.T) {
	w := newWorld(t)
	w.keys("a")
	w.do("PUT", "/v1/secrets/one", `{"value":"hunter-1"}`, 200, "")
	sealed, err := w.vault.Keys.Seal("one", "hunter-1")
	if err != nil {
		t.Fatal(err)
	}
	w.do("PUT", "/v1/secrets/one", `{"value":"hunter-2"}`, 200, "")
	_, err = request.Do(t.Context(), w.control, &request.SetSecret{Secret: dkron.Secret{Name: "one", Sealed: sealed}, Reseal: 1, KeepJobs: true})
	if v, _ := w.vault.Value("one"); !errors.Is(err, dkron.ErrConflict) || v != "hunter-2" {
		t.Errorf("%v, the value is %q", err, v)
	}
}
