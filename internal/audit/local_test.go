package audit

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/clock"
)

var quiet = slog.New(slog.DiscardHandler)

func openLocal(t *testing.T, dir string) *Local {
	t.Helper()
	l, err := OpenLocal(dir, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// all returns a server's own records, the newest first.
func (l *Local) all(t *testing.T) []dkron.AuditRecord {
	t.Helper()
	a, err := l.Before(&Question{Limit: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	return a.Records
}

func refused(address, action string) dkron.AuditRecord {
	return dkron.AuditRecord{
		At: clock.Now(), Origin: dkron.Origin{Address: address, Server: "s1"}, Action: action, Status: 401,
		AuditNote: dkron.AuditNote{Kind: dkron.AuditRequest, Detail: "no"},
	}
}

func TestRefusalsThatAreAlikeShareARecordAndTooManyAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openLocal(t, t.TempDir())
		defer l.Close()
		for range 1000 {
			l.Refuse(refused("10.0.0.1", "GET /v1/jobs"))
		}
		if all := l.all(t); len(all) != 1 || all[0].Status != 401 || all[0].Origin.Address != "10.0.0.1" {
			t.Fatalf("%+v", all)
		}
		for i := range 10_000 {
			l.Refuse(refused(fmt.Sprintf("10.1.%d.%d", i/250, i%250), "GET /v1/jobs"))
		}
		if n := len(l.all(t)); n != perMinute {
			t.Errorf("%d records in a minute", n)
		}
		time.Sleep(period)
		l.Refuse(refused("10.0.0.1", "GET /v1/jobs"))
		all := l.all(t)
		if len(all) != perMinute+3 || all[2].Count != 999 || all[1].Left != 10_000-(perMinute-1) || all[0].Count != 0 {
			t.Errorf("%d: %+v", len(all), all[:3])
		}
	})
}

func TestOwnRecordsOutliveARestartAndATornLine(t *testing.T) {
	dir := t.TempDir()
	l := openLocal(t, dir)
	l.Did(refused("10.0.0.1", "one"))
	l.Did(refused("10.0.0.1", "two"))
	l.Close()
	file := l.path(1)
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"number":3,"at":"20`)
	f.Close()
	l = openLocal(t, dir)
	defer l.Close()
	l.Did(refused("10.0.0.1", "three"))
	all := l.all(t)
	if len(all) != 3 || all[0].Action != "three" || all[0].Number != 3 || all[2].Action != "one" {
		t.Errorf("%+v", all)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestTheOldestOwnRecordsGo(t *testing.T) {
	dir := t.TempDir()
	l := openLocal(t, dir)
	defer l.Close()
	total := (keepSegments + 2) * segmentRecords
	for range total {
		l.Did(refused("10.0.0.1", "x"))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil || len(files) != keepSegments {
		t.Errorf("%d files, %v", len(files), err)
	}
	first, next := l.Ends()
	if next != uint64(total)+1 || next-first < dkron.MaxAudit {
		t.Errorf("[%d, %d)", first, next)
	}
	list, err := l.From(first, 10)
	if err != nil || len(list) != 10 || list[0].Number != first {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestARecordThatCantBeWrittenIsCounted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	lost := 0
	l, err := OpenLocal(dir, func() { lost++ }, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	l.Did(refused("10.0.0.1", "x"))
	if lost != 1 {
		t.Errorf("%d are counted", lost)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l.Did(refused("10.0.0.1", "y"))
	if all := l.all(t); len(all) != 1 || all[0].Action != "y" || all[0].Number != 1 {
		t.Errorf("%+v", all)
	}
}
