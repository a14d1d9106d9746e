package state

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"dkron"
	"dkron/internal/index"
)

// fleet stores n jobs with three pairs of metadata each.
func fleet(t testing.TB, s *Store, n int, change func(i int, j *dkron.Job)) {
	t.Helper()
	for done := 0; done < n; {
		err := s.Update(uint64(done+1), func(tx *Tx) error {
			for end := min(done+5000, n); done < end; done++ {
				j := &dkron.Job{
					Name: fmt.Sprintf("job-%07d", done), DisplayName: fmt.Sprintf("Job Number %d", done), Schedule: fmt.Sprintf("0 %d 3 * * *", done%60),
					Owner: fmt.Sprintf("team-%d", done%50), Executor: "shell", ExecutorConfig: map[string]string{"command": "date"},
					Tags:     map[string]string{"role": "web:1"},
					Metadata: map[string]string{"team": fmt.Sprint(done % 50), "env": "prod", "service": fmt.Sprint("service-", done%2000)},
					Number:   tx.NewJobNumber(), Revision: 1,
				}
				change(done, j)
				if err := tx.PutJob(j, &dkron.Progress{Next: time.Unix(100, 0), Status: dkron.StatusSuccess}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func asIs(int, *dkron.Job) {}

// BenchmarkIndexMemory is the index's memory per job: labels that many jobs share, labels unique to a job, and shared
// labels after the jobs were read from disk.
func BenchmarkIndexMemory(b *testing.B) {
	const jobs = 100_000
	unique := func(i int, j *dkron.Job) {
		j.Metadata = map[string]string{"ticket": fmt.Sprint("OPS-", i), "commit": fmt.Sprintf("%08x", i), "host": fmt.Sprint("host-", i)}
	}
	for _, c := range []struct {
		name   string
		change func(int, *dkron.Job)
		again  bool
	}{{"shared", asIs, false}, {"unique", unique, false}, {"reopened", asIs, true}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				before := heap()
				path := filepath.Join(b.TempDir(), "state.db")
				s := open(b, path)
				fleet(b, s, jobs, c.change)
				if c.again {
					s.Close()
					s = open(b, path)
				}
				b.ReportMetric(float64(heap()-before)/jobs, "heap-B/job")
				s.Close()
				runtime.KeepAlive(s)
			}
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkIndexProgress is what the index adds to the result of a run: a new entry for each of the jobs of a batch.
func BenchmarkIndexProgress(b *testing.B) {
	const jobs, batch = 100_000, 1000
	s := open(b, filepath.Join(b.TempDir(), "state.db"))
	defer s.Close()
	fleet(b, s, jobs, asIs)
	rnd := rand.New(rand.NewPCG(1, 2))
	all := s.Index().Slice(0, jobs)
	b.ReportAllocs()
	done := 0
	for b.Loop() {
		tx := &Tx{index: s.index, entries: make(map[string]*index.Entry, batch)}
		for range batch {
			e := all[rnd.IntN(jobs)]
			tx.noteProgress(e.Number, &dkron.Progress{Name: e.Name, Status: dkron.StatusSuccess, SuccessCount: 3, Next: time.Unix(200, 0)})
		}
		s.index.Update(tx.entries, nil)
		done += batch
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(done), "ns/job")
}

func TestRelatedJobsAreWrittenByAttachAndDetach(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	related := func() (names string) {
		for _, e := range s.Index().Related("p", 10) {
			names += e.Name
		}
		return names
	}
	put := func(fn func(tx *Tx) error) {
		t.Helper()
		index, err := s.Applied()
		if err == nil {
			err = s.Update(index+1, fn)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put(func(tx *Tx) error {
		for i, j := range []dkron.Job{{Name: "p"}, {Name: "c", ParentJob: "p"}} {
			j.Number = uint64(i + 1)
			if err := tx.PutJob(&j, &dkron.Progress{}); err != nil {
				return err
			}
		}
		return tx.Attach("p", "c")
	})
	if got := related(); got != "pc" {
		t.Errorf("attached: %q", got)
	}
	put(func(tx *Tx) error { return tx.Detach("p", "c") })
	if got := related(); got != "p" {
		t.Errorf("detached: %q", got)
	}
}
