package control

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/request"
	"dkron/internal/state"
)

// records returns all records of the audit, changes first.
func (l *leader) records(c *Control) (all []*dkron.AuditRecord) {
	l.t.Helper()
	err := c.state.View(func(tx *state.Tx) (err error) {
		for _, s := range []state.Share{state.Edits, state.Work} {
			err = errors.Join(err, tx.AuditFrom(s, 1, func(r *dkron.AuditRecord) bool { all = append(all, r); return true }))
		}
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return all
}

// unaudited is the requests that leave no record although they change something, and why.
var unaudited = map[string]string{
	"CheckIn": "it reports a result; the launch that it makes says by whom",
}

var ann = dkron.Origin{Accessor: "a1", Name: "ann", How: dkron.ProofToken, Address: "10.0.0.9", Server: "s2"}

// step is a request, and its record: kind, object, whether there is something before and after.
type step struct {
	r    request.Request // nil: a job fails
	want string
}

// story is a call of every request that changes something, in an order in which each can succeed.
func story() []step {
	job := func(name, note string) dkron.Record {
		return dkron.Record{Job: dkron.Job{Name: name, Schedule: "@manually", Executor: "shell", Notes: note}}
	}
	hash := make([]byte, 32)
	token := dkron.Token{Accessor: "t1", Name: "ops", Type: dkron.ManagementToken, Hash: hash}
	other := dkron.Token{Accessor: "t2", Name: "root", Type: dkron.ManagementToken, Hash: hash}
	sealed := append([]byte{1}, make([]byte, 60)...)
	return []step{
		{&request.SetJob{Record: job("a", "")}, "job a false true"},
		{&request.SetJob{Record: job("a", "x")}, "job a true true"},
		{&request.RevertJob{Job: "a", Revision: 1}, "job a true true"},
		{&request.ToggleJob{Job: "a"}, "job a true true"},
		{&request.Restore{Jobs: []dkron.Record{job("b", "")}}, "job b false true"},
		{&request.RunJob{Job: "a", Cause: dkron.CauseManual}, "launch a. false false"},
		{&request.LaunchJob{Job: "a", Change: &dkron.Change{Env: map[string]string{"X": "1"}}}, "launch a. false true"},
		{&request.Stop{What: dkron.StopTarget{Job: "a"}, Reason: "why"}, "launch a. false false"},
		{&request.SetChannel{Channel: dkron.Channel{Name: "c", Type: "webhook"}}, "channel c false true"},
		{&request.SetRule{Rule: dkron.Rule{Name: "r", On: []dkron.AlertEvent{dkron.AlertFailed, dkron.AlertRecovered}, Channels: []string{"c"}}}, "rule r false true"},
		{&request.AddSilence{Silence: dkron.Silence{Match: dkron.Match{Jobs: []string{"z"}}, Reason: "why"}, Duration: time.Hour}, "silence 1 false true"},
		{&request.EndSilence{Number: 1}, "silence 1 true true"},
		{&request.TryChannel{Channel: "c"}, "message 1 false false"},
		{&request.ResendMessage{Number: 1}, "message 1 false false"},
		{nil, ""},
		{&request.AckAlert{Alert: 1, Note: "seen"}, "alert 1 false false"},
		{&request.RerunLaunches{Records: []uint64{1}, Filter: "state=failed"}, "rerun 1 false false"},
		{&request.StopRerun{Number: 1}, "rerun 1 false false"},
		{&request.RerunLaunch{Job: "fails"}, "launch fails. false false"},
		{&request.StopLaunches{}, "launch fails. false false"},
		{&request.ClearExecutions{Job: "fails"}, "history fails false false"},
		{&request.DeleteRule{Rule: "r"}, "rule r true false"},
		{&request.DeleteChannel{Channel: "c"}, "channel c true false"},
		{&request.SetPolicy{Policy: dkron.Policy{Name: "p", Rules: "{}"}}, "policy p false true"},
		{&request.DeletePolicy{Policy: "p"}, "policy p true false"},
		{&request.CreateToken{Token: other}, "token t2 false true"},
		{&request.CreateToken{Token: token}, "token t1 false true"},
		{&request.OpenSession{Accessor: "t1", Hash: hash}, "session t1 false false"},
		{&request.EndSession{Accessor: "t1"}, "session t1 false false"},
		{&request.DeleteToken{Accessor: "t1"}, "token t1 true false"},
		{&request.SetSecret{Secret: dkron.Secret{Name: "s", Sealed: sealed}}, "secret s false true"},
		{&request.DeleteSecret{Secret: "s"}, "secret s true false"},
		{&request.SetPaused{Paused: true}, "pause  false false"},
		{&request.SetPaused{}, "pause  false false"},
		{&request.Configure{Settings: dkron.Settings{History: dkron.Retention{Count: 7}}}, "settings  true true"},
		{&request.DeleteJob{Job: "a"}, "job a true false"},
	}
}

// Decide here for each new request what people need to find of it later.
func TestEveryRequestThatChangesSomethingLeavesARecord(t *testing.T) {
	c, l := newControl(t)
	l.lowest, l.nodes = 2, []dkron.Node{{Name: "n1", Alive: true}}
	ctx := dkron.WithOrigin(t.Context(), ann)
	told := make(map[string]bool)
	for _, step := range story() {
		if step.r == nil {
			l.fails(c, "fails")
			continue
		}
		l.complete(c, step.r)
		before := len(l.records(c))
		if _, _, err := c.Do(ctx, step.r); err != nil {
			t.Fatalf("%s: %v", step.r.Name(), err)
		}
		all := l.records(c)
		if len(all) == before {
			t.Errorf("%s has left no record: note the change in its command, or give a reason in unaudited", step.r.Name())
			continue
		}
		last := newest(all)
		told[step.r.Name()] = true
		object := last.Object
		if last.Kind == dkron.AuditLaunch {
			name, _, _ := dkron.ParseLaunchID(object)
			object = name + "."
		}
		got := fmt.Sprintf("%s %s %t %t", last.Kind, object, len(last.Before) > 0, len(last.After) > 0)
		if got != step.want || last.Action != step.r.Name() || last.Origin != ann || last.Index != l.index || last.At.IsZero() {
			t.Errorf("%s: %s, want %s: %+v", step.r.Name(), got, step.want, last)
		}
	}
	for k := range request.Kinds() {
		changes := k.Touches != request.Read || k.Name == "OpenSession" || k.Name == "EndSession"
		if changes && !told[k.Name] && unaudited[k.Name] == "" {
			t.Errorf("%s: add it to the story of this test, with the record that it leaves", k.Name)
		}
	}
}

// newest returns the record with the highest log index.
func newest(all []*dkron.AuditRecord) (last *dkron.AuditRecord) {
	for _, r := range all {
		if last == nil || r.Index >= last.Index {
			last = r
		}
	}
	return last
}

// complete fills in what a request needs of the state.
func (l *leader) complete(c *Control, r request.Request) {
	l.t.Helper()
	err := c.state.View(func(tx *state.Tx) error {
		switch r := r.(type) {
		case *request.RerunLaunch:
			_, p, err := tx.Record(r.Job)
			if err != nil {
				return err
			}
			return tx.LaunchHistory(p, func(x *dkron.Launch) bool { r.Group = x.Group; return false })
		case *request.RerunLaunches:
			_, p, err := tx.Record("fails")
			if err != nil {
				return err
			}
			r.Records = []uint64{p.FirstLaunch}
		case *request.AckAlert:
			all, err := tx.Alerts()
			if err == nil && len(all) > 0 {
				r.Alert = all[0].Number
			}
			return err
		case *request.StopLaunches:
			r.Launches = tx.OpenLaunchesNamed("fails")
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

func TestTheLeadersOwnWorkAndWhatIsRefusedOrChangesNothingLeavesNoRecord(t *testing.T) {
	c, l := newControl(t)
	l.lowest = 2
	l.nodes = []dkron.Node{{Name: "n1", Alive: true}}
	l.fails(c, "fails") // no client asks for any of this
	ctx := dkron.WithOrigin(t.Context(), ann)
	job := dkron.Record{Job: dkron.Job{Name: "fails", Schedule: "@manually", Executor: "shell"}}
	for _, r := range []request.Request{
		&request.SetJob{Record: job}, &request.DeleteJob{Job: "none"}, &request.SetPaused{}, &request.EndSession{Accessor: "none"},
		&request.SetPolicy{Policy: dkron.Policy{Name: "no good!"}}, &request.Configure{Settings: dkron.DefaultSettings()}, new(request.ReadIndex),
	} {
		_, _, _ = c.Do(ctx, r)
	}
	if all := l.records(c); len(all) > 0 {
		t.Errorf("%+v", all[0])
	}
}

func TestChangesAreMadeWithoutRecordsWhileAServerIsThereThatDoesNotKnowTheAudit(t *testing.T) {
	c, l := newControl(t)
	l.lowest = 1
	ctx := dkron.WithOrigin(t.Context(), ann)
	if _, _, err := c.Do(ctx, &request.SetPaused{Paused: true}); err != nil || len(l.records(c)) > 0 {
		t.Errorf("%v, %v", err, l.records(c))
	}
	c.refused.at = c.refused.at.Add(-2 * askAgain)
	l.lowest = 2
	if _, _, err := c.Do(ctx, &request.SetPaused{}); err != nil || len(l.records(c)) != 1 {
		t.Errorf("%v, %v", err, l.records(c))
	}
}

func TestSecretsAndHashesAreInNoRecord(t *testing.T) {
	c, l := newControl(t)
	l.lowest = 2
	ctx := dkron.WithOrigin(t.Context(), ann)
	const mark = "very-secret-mark"
	hash := append([]byte(mark), make([]byte, 32-len(mark))...)
	sealed := append([]byte{1}, []byte("12345678"+mark+"12345678901234567890123456789012345678")...)
	for _, r := range []request.Request{
		&request.CreateToken{Token: dkron.Token{Accessor: "t0", Type: dkron.ManagementToken, Hash: hash}},
		&request.CreateToken{Token: dkron.Token{Accessor: "t1", Type: dkron.ManagementToken, Hash: hash}},
		&request.OpenSession{Accessor: "t1", Hash: hash},
		&request.DeleteToken{Accessor: "t1"},
		&request.SetSecret{Secret: dkron.Secret{Name: "s", Sealed: sealed}},
		&request.SetSecret{Secret: dkron.Secret{Name: "s", Sealed: sealed}, Reseal: 1},
		&request.DeleteSecret{Secret: "s"},
	} {
		if _, _, err := c.Do(ctx, r); err != nil {
			t.Fatalf("%s: %v", r.Name(), err)
		}
	}
	all := l.records(c)
	if len(all) != 7 {
		t.Errorf("%d records", len(all))
	}
	for _, r := range all {
		if raw := string(codec.Encode(r)); strings.Contains(raw, mark) {
			t.Errorf("%s %s: %q", r.Action, r.Object, raw)
		}
	}
}
