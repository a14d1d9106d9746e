package command

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"dkron"
)

// withJobs is a machine with many jobs.
func withJobs(b *testing.B, n int) *machine {
	b.Helper()
	m := newMachine(b, b.TempDir())
	b.Cleanup(func() { m.store.Close() })
	for at := 0; at < n; at += 1000 {
		batch := make([]Command, 0, 1000)
		for i := at; i < min(n, at+1000); i++ {
			batch = append(batch, job(fmt.Sprintf("job-%07d", i), func(j *dkron.Job) {
				j.ExecutorConfig = map[string]string{"command": "date"}
				j.Metadata = map[string]string{"team": fmt.Sprint(i % 50)}
			}))
		}
		m.apply(batch...)
	}
	return m
}

// BenchmarkApplySetJob is one create, alone and in batches; each batch is one transaction with its fsync.
func BenchmarkApplySetJob(b *testing.B) {
	for _, size := range []int{1, 32, 512} {
		b.Run(fmt.Sprint("batch=", size), func(b *testing.B) {
			m, n := withJobs(b, 0), 0
			for b.Loop() {
				batch := make([]Command, size)
				for i := range batch {
					batch[i] = job(fmt.Sprintf("job-%09d", n))
					n++
				}
				m.apply(batch...)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}

// BenchmarkApplyRuns is a whole run of each of 1,000 jobs: one entry that fires them, one with their results.
func BenchmarkApplyRuns(b *testing.B) {
	const jobs = 1000
	m := withJobs(b, jobs)
	launch, now, runs := uint64(0), noon, 0
	for b.Loop() {
		now = now.Add(10 * time.Second)
		fire, finish := &Fire{Now: now}, &Finish{Now: now}
		for i := range jobs {
			launch++
			fire.Due = append(fire.Due, dkron.Due{
				Job: uint64(i + 1), Revision: 1, Nominal: now, Cause: dkron.CauseSchedule,
				Targets: []string{"n1"}, Next: now.Add(10 * time.Second),
			})
			finish.Results = append(finish.Results, dkron.Result{
				JobName: fmt.Sprintf("job-%07d", i), Key: dkron.ExecutionKey{Launch: launch}, Group: now.UnixNano(), Attempt: 1,
				NodeName: "n1", StartedAt: now, FinishedAt: now, Outcome: dkron.Success, Output: []byte("ok\n"),
			})
		}
		m.apply(fire)
		m.apply(finish)
		runs += jobs
	}
	b.ReportMetric(float64(runs)/b.Elapsed().Seconds(), "runs/s")
}

// BenchmarkSnapshot and BenchmarkRestore are of a state with 100,000 jobs.
func BenchmarkSnapshot(b *testing.B) {
	m := withJobs(b, 100_000)
	for b.Loop() {
		s, err := m.Snapshot()
		if err != nil {
			b.Fatal(err)
		}
		n, err := s.WriteTo(io.Discard)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
		s.Close()
	}
}

func BenchmarkRestore(b *testing.B) {
	m := withJobs(b, 100_000)
	data := m.snapshot(b)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if err := m.Restore(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdleJobMemory is the heap that an idle job takes on a server.
func BenchmarkIdleJobMemory(b *testing.B) {
	const jobs = 100_000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		m := withJobs(b, jobs)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/jobs, "heap-B/job")
		runtime.KeepAlive(m)
	}
}

// BenchmarkApplyLargeOutputs is runs that print 250 KB, with a history that is full.
func BenchmarkApplyLargeOutputs(b *testing.B) {
	f := newFleet(b, b.TempDir())
	b.Cleanup(func() { f.store.Close() })
	must[any](b, f.machine, &Configure{dkron.Settings{History: dkron.Retention{Count: 5}, TotalBytes: 20 << 20}})
	must[*dkron.Record](b, f.machine, job("a"))
	b.SetBytes(dkron.MaxOutput)
	for b.Loop() {
		f.run("a", 1, dkron.MaxOutput)
	}
}

// BenchmarkCompact copies a state of 100 MB while runs go on, and reports how long the slowest of their entries took.
func BenchmarkCompact(b *testing.B) {
	f := newFleet(b, b.TempDir())
	b.Cleanup(func() { f.store.Close() })
	must[*dkron.Record](b, f.machine, job("a", func(j *dkron.Job) { j.History.Count = 400 }))
	must[*dkron.Record](b, f.machine, job("b"))
	for range 40 {
		f.run("a", 10, dkron.MaxOutput)
	}
	b.SetBytes(f.size().Disk)
	var worst time.Duration
	for b.Loop() {
		done := make(chan error)
		go func() {
			_, err := f.store.Compact(b.Context())
			done <- err
		}()
		for going := true; going; {
			select {
			case err := <-done:
				if going = false; err != nil {
					b.Fatal(err)
				}
			default:
				began := time.Now()
				f.run("b", 1, 100)
				worst = max(worst, time.Since(began)/2)
			}
		}
	}
	b.ReportMetric(float64(worst.Milliseconds()), "ms-worst-entry")
}
