package agent

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"
	"testing/synctest"

	"dkron"
	"dkron/plugin"
)

// prints ends at once, with an output that begins with its job's name and is as large as can be kept.
func prints() *executor {
	return &executor{do: func(_ context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
		s.Write(outputOf(r.JobName), false)
		return new(plugin.ExecuteResponse), nil
	}}
}

func outputOf(job string) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%-10s", job)), dkron.MaxOutput/10)
}

const many = 100 // outputs of 25 MB

// printed returns an agent after many executions of its leader, which has accepted no result.
func printed(t *testing.T, dir string) (*Agent, *leader) {
	a := open(t, dir, prints())
	l := attach(t, a, 1)
	for n := range uint64(many) {
		l.order(order(fmt.Sprint("job", n), n))
		synctest.Wait()
	}
	return a, l
}

// A leader that accepts nothing costs the node disk, and neither of the two much memory.
func TestALeaderThatIsSlowCostsDiskAndNotMemory(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		a, l := printed(t, dir)
		checkKeptBytes(t, a)
		first := l.results()
		if size := len(first) * dkron.MaxOutput; size < maxUnaccepted/2 || size > maxUnaccepted+maxResultBytes {
			t.Fatalf("%d MB of results that are not accepted are sent", size>>20)
		}
		if size := a.JournalBytes(); size > 2*many*dkron.MaxOutput {
			t.Errorf("the journal has %d MB", size>>20)
		}
		// A second process, and a leader that accepts.
		b := open(t, crash(t, dir), prints())
		checkKeptBytes(t, b)
		next := attach(t, b, 2)
		got := map[string]bool{}
		for len(got) < many {
			rs := next.results()
			if len(rs) == 0 {
				t.Fatalf("after %d results none comes, though all are accepted", len(got))
			}
			var refs []dkron.ExecutionRef
			for _, r := range rs {
				if !bytes.Equal(r.Output, outputOf(r.JobName)) || got[r.JobName] {
					t.Fatalf("%s: %d bytes: %.20q, sent before: %v", r.JobName, len(r.Output), r.Output, got[r.JobName])
				}
				got[r.JobName] = true
				refs = append(refs, r.Ref())
			}
			next.accepted(refs...)
			forgetMessages(next)
		}
		synctest.Wait()
		if b.kept != 0 || len(b.journal.results.at) != 0 {
			t.Errorf("with all accepted, %d bytes and %d places are kept", b.kept, len(b.journal.results.at))
		}
	})
}

func checkKeptBytes(t *testing.T, a *Agent) {
	t.Helper()
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	sum := 0
	for _, task := range a.tasks {
		sum += len(task.output.kept.Latest()) + cap(task.output.pending)
		if task.result != nil {
			sum += len(task.result.Output)
		}
	}
	if sum > maxKept || len(a.tasks) != many {
		t.Errorf("%d MB are in memory for %d executions that have ended", sum>>20, len(a.tasks))
	}
}

func forgetMessages(l *leader) {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.got[:l.read] {
		m.Results = nil
	}
}

// The journal is rewritten when it has doubled, not for each short record.
func TestAJournalOfMuchThatWaitsIsRarelyRewritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		_, l := printed(t, dir)
		rewritten := 0
		var file os.FileInfo
		for n := range uint64(many) {
			o := order(fmt.Sprint("more", n), many+n)
			o.Void = true
			l.order(o)
			synctest.Wait()
			l.accepted(o.Ref())
			synctest.Wait()
			now, err := os.Stat(journalOf(dir))
			if err != nil {
				t.Fatal(err)
			}
			if file != nil && !os.SameFile(file, now) {
				rewritten++
			}
			file = now
		}
		if rewritten > 2 {
			t.Errorf("rewritten %d times for %d short records", rewritten, many)
		}
	})
}

// A result whose output can't be read back is sent without it.
func TestAResultIsNotLostWithItsOutput(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		_, l := printed(t, dir)
		if err := os.Truncate(journalOf(dir), 0); err != nil { // what has been read into memory stays
			t.Fatal(err)
		}
		got, without := 0, 0
		for got < many {
			rs := l.results()
			if len(rs) == 0 {
				t.Fatalf("after %d results none comes", got)
			}
			got += len(rs)
			var refs []dkron.ExecutionRef
			for _, r := range rs {
				if r.Outcome != dkron.Success || r.OutputSize != uint64(len(outputOf(r.JobName))) {
					t.Errorf("%s: %s, of %d bytes", r.JobName, r.Outcome, r.OutputSize)
				}
				if len(r.Output) == 0 {
					without++
				}
				refs = append(refs, r.Ref())
			}
			l.accepted(refs...)
		}
		if without == 0 {
			t.Error("no output was lost, so this tests nothing")
		}
	})
}
