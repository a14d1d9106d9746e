package agent

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron"
	"dkron/internal/spool"
	"dkron/plugin"
)

const theSecret = "correct horse, battery"

// servers gives secrets as servers do. fails is what comes before that.
type servers struct {
	values map[string]dkron.SecretValue

	mu    sync.Mutex // guards what follows
	fails []error
	asked []string
}

func (s *servers) secrets(_ context.Context, o *dkron.Order, names []string) (map[string]dkron.SecretValue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, o.JobName+":"+strings.Join(names, ","))
	if len(s.fails) > 0 {
		err := s.fails[0]
		s.fails = s.fails[1:]
		return nil, err
	}
	found := make(map[string]dkron.SecretValue)
	for _, name := range names {
		v, ok := s.values[name]
		if !ok {
			return nil, dkron.Error(dkron.ErrNotFound, "secret %s does not exist", name)
		}
		found[name] = v
	}
	return found, nil
}

func openWithSecrets(t *testing.T, dir string, s *servers, e plugin.Executor) (*Agent, *spool.Spool) {
	t.Helper()
	kept, err := spool.Open(t.TempDir(), 1<<20, quiet)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(Config{NodeName: "n1", DataDir: dir, Executors: map[string]plugin.Executor{"test": e}, Logger: quiet, Outputs: kept, Secrets: s.secrets})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, kept
}

func withSecret(job string, launch uint64) dkron.Order {
	o := keeping(job, launch)
	o.Config = map[string]string{"env": "A=${secret:token}", "url": "https://h/${secret:token}"}
	return o
}

func configOf(got *sync.Map, job string) map[string]string {
	config, _ := got.Load(job)
	c, _ := config.(map[string]string)
	return c
}

func TestAnExecutorGetsSecretsAndNothingThatItReportsShowsThem(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		s := &servers{values: map[string]dkron.SecretValue{"token": {Text: theSecret, At: time.Unix(9, 0)}}}
		var got sync.Map // configurations by job
		a, kept := openWithSecrets(t, dir, s, &executor{do: func(_ context.Context, r *plugin.ExecuteRequest, st plugin.Status) (*plugin.ExecuteResponse, error) {
			got.Store(r.JobName, r.Config)
			if r.JobName == "plain" {
				st.Write([]byte("***"), false)
				return &plugin.ExecuteResponse{}, st.Started([]byte("pid 9"))
			}
			for _, b := range []byte("out " + theSecret + "\n") { // byte by byte
				st.Write([]byte{b}, false)
			}
			if st.Started([]byte("pid 1 of "+theSecret)) == nil {
				t.Error("a handle with a secret in it was journalled")
			}
			time.Sleep(time.Second)
			switch r.JobName {
			case "panics":
				panic("at " + theSecret)
			case "replaces":
				return &plugin.ExecuteResponse{Output: []byte("all of it: " + theSecret)}, nil
			}
			return &plugin.ExecuteResponse{Error: "bad " + theSecret, Reason: "as " + theSecret, LeftRunning: []string{"pid 2 (sh " + theSecret + ")"}}, nil
		}})
		l := attach(t, a, 1)
		orders := []dkron.Order{withSecret("writes", 1), withSecret("replaces", 2), order("plain", 3), withSecret("panics", 4)}
		l.order(orders...)
		time.Sleep(3 * time.Second)
		found := make(map[string]dkron.Result)
		for _, m := range l.messages() {
			for _, c := range m.Chunks {
				if bytes.Contains(c.Data, []byte("horse")) {
					t.Errorf("live output: %q", c.Data)
				}
			}
			for _, r := range m.Results {
				found[r.JobName] = r
			}
		}
		showsNone(t, found)
		if c := configOf(&got, "writes"); c["env"] != `A=correct horse\, battery` || c["url"] != "https://h/"+theSecret || configOf(&got, "plain")["k"] != "v" {
			t.Errorf("executors got %v", c)
		}
		if r := found["plain"]; string(r.Output) != "***" || r.Outcome != dkron.Success {
			t.Errorf("the output of a job that refers to none: %q", found["plain"].Output)
		}
		if whole := keptOf(t, kept, orders[0]) + keptOf(t, kept, orders[1]); whole != "out ***\nall of it: ***" {
			t.Errorf("the whole outputs: %q", whole)
		}
		if len(s.asked) != 3 {
			t.Errorf("asked for %v", s.asked)
		}
		journal, err := os.ReadFile(journalOf(dir))
		if err != nil || bytes.Contains(journal, []byte("horse")) || !bytes.Contains(journal, []byte("${secret:token}")) {
			t.Errorf("the journal has the secret: %v", err)
		}
	})
}

// showsNone checks the results of jobs that report a secret in every way.
func showsNone(t *testing.T, found map[string]dkron.Result) {
	t.Helper()
	w := found["writes"]
	if string(w.Output) != "out ***\n" || w.Error != "bad ***" || w.Reason != "as ***" || !slices.Equal(w.LeftRunning, []string{"pid 2 (sh ***)"}) {
		t.Errorf("the result shows %q, %q, %q, %q", w.Output, w.Error, w.Reason, w.LeftRunning)
	}
	if r := found["replaces"]; string(r.Output) != "all of it: ***" {
		t.Errorf("the output that replaces another: %q", r.Output)
	}
	if r := found["panics"]; r.Error != "executor test panicked: at ***" {
		t.Errorf("a panic: %q", r.Error)
	}
}

func TestWithoutItsSecretsNothingStarts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := new(executor)
		s := &servers{fails: []error{errors.New("no server gave the value of token in 30s: gone")}}
		a, _ := openWithSecrets(t, t.TempDir(), s, e)
		l := attach(t, a, 1)
		l.order(withSecret("a", 1))
		if r := l.only(); r.Outcome != dkron.Failed || r.Error != "not started: no server gave the value of token in 30s: gone" {
			t.Errorf("%s: %s", r.Outcome, r.Error)
		}
		l.order(withSecret("b", 2))
		if r := l.only(); r.Outcome != dkron.Failed || r.Error != "not started: secret token does not exist" {
			t.Errorf("%s: %s", r.Outcome, r.Error)
		}
		if n := e.started(); len(n) != 0 {
			t.Errorf("started %v", n)
		}
	})
}

// The agent ends while executions run. The next one asks for their secrets again before it reads their output.
// byHandle is an adopter that does not wait for secrets.
type byHandle struct{ *adopter }

func (byHandle) AdoptsByHandle() {}

func TestAnAdoptedExecutionIsMaskedToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		end := make(chan struct{})
		s := &servers{values: map[string]dkron.SecretValue{"token": {Text: theSecret, At: time.Unix(9, 0)}}}
		e := &adopter{}
		e.do = func(_ context.Context, _ *plugin.ExecuteRequest, st plugin.Status) (*plugin.ExecuteResponse, error) {
			if err := st.Started([]byte("pid 1")); err != nil {
				t.Error(err)
			}
			<-end
			return nil, errors.New("this process is dead")
		}
		a, _ := openWithSecrets(t, dir, s, e)
		l := attach(t, a, 1)
		l.order(withSecret("a", 1))
		time.Sleep(time.Second)
		left, other, third, fourth := crash(t, dir), crash(t, dir), crash(t, dir), crash(t, dir)
		defer close(end)
		var adopted time.Time
		next := &adopter{adopt: func(_ context.Context, r *plugin.ExecuteRequest, _ []byte, st plugin.Status) (*plugin.ExecuteResponse, error) {
			adopted = time.Now()
			if !strings.Contains(r.Config["url"], "https://h/") {
				t.Errorf("the adopting executor got %v", r.Config)
			}
			st.Write([]byte("after "+theSecret), false)
			return &plugin.ExecuteResponse{}, nil
		}}
		s.fails = []error{dkron.Error(dkron.ErrUnavailable, "no leader"), dkron.Error(dkron.ErrUnavailable, "no leader")}
		b, _ := openWithSecrets(t, left, s, next)
		l = attach(t, b, 2)
		time.Sleep(5 * time.Second)
		if r := l.only(); string(r.Output) != "after ***" || r.Outcome != dkron.Success {
			t.Errorf("%q, %s", r.Output, r.Error)
		}
		s.fails = []error{dkron.Error(dkron.ErrUnavailable, "no leader")}
		began := time.Now()
		p, _ := openWithSecrets(t, fourth, s, byHandle{next})
		l = attach(t, p, 2)
		time.Sleep(5 * time.Second)
		if r := l.only(); string(r.Output) != "after ***" || !adopted.Equal(began) {
			t.Errorf("%q, adopted after %s", r.Output, adopted.Sub(began))
		}
		for dir, values := range map[string]map[string]dkron.SecretValue{
			other: {"token": {Text: "another value", At: time.Unix(10, 0)}}, third: nil, // set anew, and removed
		} {
			c, _ := openWithSecrets(t, dir, &servers{values: values}, next)
			l = attach(t, c, 3)
			time.Sleep(time.Second)
			if r := l.only(); strings.Contains(string(r.Output), "horse") || !strings.Contains(string(r.Output), "is not shown") || r.Outcome != dkron.Success {
				t.Errorf("%q, %s", r.Output, r.Error)
			}
		}
	})
}
