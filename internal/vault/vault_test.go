package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/nodetls"
	"dkron/internal/secret"
	"dkron/internal/state"
)

func keysOf(t *testing.T, letters string) *secret.Keys {
	t.Helper()
	text := ""
	for _, l := range letters {
		text += base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(l)}, 32)) + "\n"
	}
	keys, err := secret.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// newVault returns a vault with the secrets a and b, of which b is for the jobs other-*, and with an execution of job on node n1, which
// refers to a, and to c, which does not exist.
func newVault(t *testing.T) (*Vault, *dkron.SecretQuestion) {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	v := &Vault{Keys: keysOf(t, "x"), Store: store, Protected: func() bool { return false }, Sync: func(context.Context) error { return nil }}
	key := dkron.ExecutionKey{Launch: 5, Slot: 1}
	err = store.Update(1, func(tx *state.Tx) error {
		for name, jobs := range map[string][]string{"a": nil, "b": {"other-*"}} {
			sealed, err := v.Keys.Seal(name, "value of "+name)
			if err := errors.Join(err, tx.PutSecret(&dkron.Secret{Name: name, Sealed: sealed, Jobs: jobs, ValueAt: noon})); err != nil {
				return err
			}
		}
		job := &dkron.Job{Name: "job", Number: 3, UpdatedAt: noon.Add(-time.Hour), ExecutorConfig: map[string]string{"env": "A=${secret:a},B=${secret:b},C=${secret:c}"}}
		tx.PutLaunch(&dkron.Launch{Number: 5, Job: "job", JobNumber: 3, Group: 77, State: dkron.LaunchRunning, CreatedAt: noon})
		return errors.Join(
			tx.PutJob(job, &dkron.Progress{Name: "job"}),
			tx.PutExecution(&dkron.Execution{Key: key, JobName: "job", JobNumber: 3, NodeName: "n1", Group: 77, Attempt: 2}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return v, &dkron.SecretQuestion{Node: "n1", Key: key, Execution: dkron.ExecutionRef{JobName: "job", Group: 77, Attempt: 2, Slot: 1}, Names: []string{"a"}}
}

func TestANodeGetsWhatItsExecutionRefersToAndNothingElse(t *testing.T) {
	v, right := newVault(t)
	n1 := nodetls.Peer{Secure: true, Role: nodetls.Agent, Name: "n1"}
	answer, err := v.Answer(t.Context(), n1, right)
	if err != nil || len(answer.Values) != 1 || answer.Values[0].Text != "value of a" || !answer.Values[0].At.Equal(noon) {
		t.Fatalf("%v, %v", answer, err)
	}
	ask := func(what, want string, caller nodetls.Peer, change func(q *dkron.SecretQuestion)) {
		t.Helper()
		q := *right
		change(&q)
		if answer, err := v.Answer(t.Context(), caller, &q); err == nil || answer != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", what, answer, err)
		}
	}
	as := func(n string) nodetls.Peer { return nodetls.Peer{Secure: true, Role: nodetls.Agent, Name: n} }
	ask("of another node", "agent n2 asks for the secrets of node n1", as("n2"), func(*dkron.SecretQuestion) {})
	ask("of another node's execution", "node n2 was not given attempt 2", as("n2"), func(q *dkron.SecretQuestion) { q.Node = "n2" })
	ask("of another attempt", "was not given attempt 1", n1, func(q *dkron.SecretQuestion) { q.Execution.Attempt = 1 })
	ask("of another launch", "was not given attempt 2", n1, func(q *dkron.SecretQuestion) { q.Key.Launch = 6 })
	ask("that nothing refers to", `job job does not refer to secret "d"`, n1, func(q *dkron.SecretQuestion) { q.Names = []string{"a", "d"} })
	ask("that does not exist", "secret c does not exist", n1, func(q *dkron.SecretQuestion) { q.Names = []string{"a", "c"} })
	ask("that is for other jobs", "secret b may not be used by job job: it is for the jobs other-*", n1, func(q *dkron.SecretQuestion) { q.Names = []string{"b"} })
	plain := nodetls.Peer{}
	if _, err := v.Answer(t.Context(), plain, right); err != nil {
		t.Errorf("in a cluster without TLS: %v", err)
	}
	v.Protected = func() bool { return true }
	ask("without TLS", "asks for secrets without TLS", plain, func(*dkron.SecretQuestion) {})
	v.Keys = keysOf(t, "yz")
	ask("with another key", "sealed with the key "+keysOf(t, "x").IDs()[0], n1, func(*dkron.SecretQuestion) {})
}

// An order was sent, and then the job was changed: the execution still gets what its order refers to.
func TestAJobThatIsChangedMeanwhileKeepsTheSecretsOfItsOrders(t *testing.T) {
	v, q := newVault(t)
	change := func(at time.Time, config string) {
		t.Helper()
		err := v.Store.Update(2, func(tx *state.Tx) error {
			old, err := tx.Job("job")
			if err != nil {
				return err
			}
			next := *old
			next.Revision, next.UpdatedAt, next.ExecutorConfig = old.Revision+1, at, map[string]string{"env": config}
			return errors.Join(tx.KeepVersion(old), tx.PutJob(&next, &dkron.Progress{Name: "job"}))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(noon.Add(time.Second), "A=1")
	if _, err := v.Answer(t.Context(), nodetls.Peer{}, q); err != nil {
		t.Errorf("changed after the launch: %v", err)
	}
	err := v.Store.Update(3, func(tx *state.Tx) error {
		l, err := tx.Launch(5)
		if err != nil {
			return err
		}
		l.CreatedAt = noon.Add(time.Minute)
		tx.PutLaunch(l)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Answer(t.Context(), nodetls.Peer{}, q); err == nil {
		t.Error("changed before the launch, and it still gets them")
	}
}

// others is servers that answer by name.
type others struct {
	names []string
	ask   func(server string) (*dkron.SecretAnswer, error)
	asked []string
}

func (o *others) Names() []string { return o.names }

func (o *others) Secrets(_ context.Context, server string, _ *dkron.SecretQuestion) (*dkron.SecretAnswer, error) {
	o.asked = append(o.asked, server)
	return o.ask(server)
}

func TestANodeAsksServersUntilOneDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := 2
		s := &others{names: []string{"s1", "s2", "s3"}, ask: func(server string) (*dkron.SecretAnswer, error) {
			switch {
			case server == "s1":
				return nil, dkron.Error(dkron.ErrConflict, "s1 lacks the key")
			case server == "s2" || down > 0:
				down--
				return nil, dkron.Error(dkron.ErrUnavailable, "no leader")
			}
			return &dkron.SecretAnswer{Values: []dkron.SecretValue{{Text: "v"}}}, nil
		}}
		a := NewAsker("n1")
		go func() {
			time.Sleep(time.Second)
			a.Begin(nil, s)
		}()
		o := &dkron.Order{JobName: "job"}
		values, err := a.Values(t.Context(), o, []string{"a"})
		if err != nil || values["a"].Text != "v" || len(s.asked) != 6 {
			t.Errorf("%v, %v, asked %v", values, err, s.asked)
		}
		for _, c := range []struct {
			err  error
			want string
			took time.Duration
		}{
			{dkron.Error(dkron.ErrNotFound, "secret a does not exist"), "secret a does not exist", 0},
			{dkron.Error(dkron.ErrForbidden, "not for you"), "not for you", 0},
			{dkron.Error(dkron.ErrConflict, "no key"), "no key", 0}, // all of them lack it
			{dkron.Error(dkron.ErrUnavailable, "gone"), "no server gave the value of a in 30s: gone", patience},
		} {
			s.ask = func(string) (*dkron.SecretAnswer, error) { return nil, c.err }
			began := time.Now()
			if _, err := a.Values(t.Context(), o, []string{"a"}); err == nil || err.Error() != c.want || time.Since(began) != c.took {
				t.Errorf("after %s: %v, want %s", time.Since(began), err, c.want)
			}
		}
		ctx, stop := context.WithCancelCause(t.Context())
		stop(errors.New("stopped"))
		if _, err := a.Values(ctx, o, []string{"a"}); err == nil || err.Error() != "stopped" {
			t.Errorf("a stopped execution: %v", err)
		}
	})
}

// A server that lags the leader must not refuse what the newest state allows.
func TestAServerThatIsBehindCatchesUpBeforeItRefuses(t *testing.T) {
	v, q := newVault(t)
	q.Names = []string{"c"}
	synced := false
	v.Sync = func(context.Context) error {
		synced = true
		sealed, err := v.Keys.Seal("c", "value of c")
		return errors.Join(err, v.Store.Update(9, func(tx *state.Tx) error { return tx.PutSecret(&dkron.Secret{Name: "c", Sealed: sealed}) }))
	}
	if answer, err := v.Answer(t.Context(), nodetls.Peer{}, q); err != nil || answer.Values[0].Text != "value of c" || !synced {
		t.Errorf("%v, %v", answer, err)
	}
	q.Names = []string{"d"}
	v.Sync = func(context.Context) error { return dkron.ErrNoLeader }
	if _, err := v.Answer(t.Context(), nodetls.Peer{}, q); !errors.Is(err, dkron.ErrUnavailable) {
		t.Errorf("without a leader: %v", err)
	}
}
