package command

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// asked is a command as a client's request makes it.
func asked(c Command) *Audited {
	return &Audited{Origin: dkron.Origin{Name: "ann", Address: "10.0.0.9"}, Action: "Test", Now: noon, Entry: Encode(c)}
}

func (l ledger) audit(s state.Share) (all []*dkron.AuditRecord) {
	l.view(func(tx *state.Tx) error {
		return tx.AuditFrom(s, 1, func(r *dkron.AuditRecord) bool { all = append(all, r); return true })
	})
	return all
}

func TestAnAuditedCommandDoesWhatItWouldDoAndLeavesItsRecord(t *testing.T) {
	plain, audited := newLedger(t), newLedger(t)
	set := &SetJob{Job: dkron.Job{Name: "a", Schedule: "@manually"}, Now: noon}
	a, b := plain.apply(set)[0].(*dkron.Record), audited.apply(asked(set))[0].(*dkron.Record)
	if !bytes.Equal(codec.Encode(a), codec.Encode(b)) {
		t.Errorf("%+v, %+v", a, b)
	}
	all := audited.audit(state.Edits)
	if len(plain.audit(state.Edits)) != 0 || len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	var after dkron.Job
	if err := codec.Decode(all[0].After, &after); err != nil || after.Name != "a" || all[0].Index == 0 || !all[0].At.Equal(noon) || all[0].Origin.Name != "ann" {
		t.Errorf("%+v, %v", all[0], err)
	}
	if err, _ := audited.apply(asked(set))[0].(error); err == nil || len(audited.audit(state.Edits)) != 1 { // base is 0, but there is a job
		t.Errorf("what was refused has a record: %v", err)
	}
}

func TestALargeObjectIsCutSoThatAChangeCanStillBeSeen(t *testing.T) {
	l := newLedger(t)
	job := func(end string) dkron.Job {
		return dkron.Job{Name: "a", Schedule: "@manually", ExecutorConfig: map[string]string{"command": strings.Repeat("x", 20_000) + end}}
	}
	l.apply(asked(&SetJob{Job: job("1"), Now: noon}), asked(&SetJob{Job: job("2"), Base: 1, Now: noon}))
	all := l.audit(state.Edits)
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	r := all[1]
	var before, after dkron.Job
	if err := codec.Decode(r.Before, &before); err != nil {
		t.Fatal(err)
	}
	if err := codec.Decode(r.After, &after); err != nil {
		t.Fatal(err)
	}
	x, y := before.ExecutorConfig["command"], after.ExecutorConfig["command"]
	if !r.Cut || len(x) > 400 || x == y || !strings.Contains(x, "20001 bytes") {
		t.Errorf("cut %t: %s, %s", r.Cut, x, y)
	}
	many := dkron.Job{Name: "b", Schedule: "@manually", Metadata: make(map[string]string)}
	for i := range 1000 {
		many.Metadata[fmt.Sprintf("key-%04d", i)] = "value"
	}
	l.apply(asked(&SetJob{Job: many, Now: noon}))
	if r := l.audit(state.Edits)[2]; !r.Cut || len(r.After) != 0 {
		t.Errorf("%d bytes, cut %t", len(r.After), r.Cut)
	}
}

func TestARestoreOfManyJobsLeavesABoundedNumberOfRecords(t *testing.T) {
	l := newLedger(t)
	restore := &Restore{Now: noon}
	for i := range maxNotes + 50 {
		restore.Jobs = append(restore.Jobs, dkron.Record{Job: dkron.Job{Name: fmt.Sprintf("job-%04d", i), Schedule: "@manually"}})
	}
	l.apply(asked(restore))
	all := l.audit(state.Edits)
	if len(all) != maxNotes+1 || !strings.HasPrefix(all[maxNotes].Detail, "and 50 more") {
		t.Errorf("%d: %+v", len(all), all[len(all)-1])
	}
}

func TestWhoRunsJobsDoesNotPushOutWhatOthersHaveChanged(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes more records than are kept")
	}
	l := newLedger(t)
	l.apply(asked(&Pause{Paused: true}))
	token := dkron.Token{Accessor: "a", Type: dkron.ManagementToken, Hash: hashOf(0)}
	l.apply(&CreateToken{Token: token})
	const batch = 2000
	for i := 0; i < dkron.MaxAudit+batch; i += batch {
		entries := make([]Command, batch)
		for j := range entries {
			entries[j] = asked(&OpenSession{Accessor: "a", Hash: hashOf(j), At: noon})
		}
		l.apply(entries...)
	}
	l.view(func(tx *state.Tx) error {
		first, next := tx.AuditEnds(state.Work)
		if next-first != dkron.MaxAudit {
			t.Errorf("%d records of work", next-first)
		}
		return nil
	})
	if all := l.audit(state.Edits); len(all) != 1 || all[0].Kind != dkron.AuditPause {
		t.Errorf("%+v", all)
	}
}

func TestAnAuditedCommandOfAnUnknownKindStopsTheServer(t *testing.T) {
	for _, entry := range [][]byte{{127}, {byte(kindOf(new(Audited)))}, {200}} {
		raw := Encode(&Audited{Action: "x", Entry: entry})
		if _, err := decode(raw); err == nil {
			t.Errorf("%v is taken", entry)
		}
	}
}
