//go:build linux

package pluginhost

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"dkron/plugin"
)

// BenchmarkThousandASecond is what an execution costs at 1,000 a second in one process: of an executor in this process, of a plugin
// made with our kit, and of one made for v4, for which each execution opens a server and a connection to it. Each reports two pieces
// of output. Give it a number of executions: -benchtime 10000x.
func BenchmarkThousandASecond(b *testing.B) {
	h := hosted(b, "dkron-executor-kit", "dkron-executor-old")
	for _, c := range []struct {
		name     string
		executor plugin.Executor
	}{{"in-process", kit{}}, {"kit", h.Executors()["kit"]}, {"v4", h.Executors()["old"]}} {
		b.Run(c.name, func(b *testing.B) {
			if _, err := c.executor.Execute(b.Context(), request("echo"), new(report)); err != nil { // starts it
				b.Fatal(err)
			}
			pid := 0
			for _, p := range h.Plugins() {
				if p.Name == map[string]string{"kit": "kit", "v4": "old"}[c.name] {
					pid = int(p.PID)
				}
			}
			took := make([]time.Duration, b.N)
			ours, theirs := busy(b, os.Getpid()), busy(b, pid)
			var running sync.WaitGroup
			b.ResetTimer()
			for i, began := 0, time.Now(); i < b.N; i++ {
				time.Sleep(time.Until(began.Add(time.Duration(i) * time.Millisecond)))
				running.Go(func() {
					start := time.Now()
					if _, err := c.executor.Execute(b.Context(), request("echo", "text", "hello"), new(report)); err != nil {
						b.Error(err)
					}
					took[i] = time.Since(start)
				})
			}
			running.Wait()
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64((busy(b, os.Getpid())-ours).Microseconds())/float64(b.N), "agent-µs/op")
			b.ReportMetric(float64((busy(b, pid)-theirs).Microseconds())/float64(b.N), "plugin-µs/op")
			b.ReportMetric(float64(took[b.N/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[b.N*99/100].Microseconds()), "p99-µs")
		})
	}
}

// busy returns the time of a processor that a process has used, 0 for no process.
func busy(b *testing.B, pid int) time.Duration {
	b.Helper()
	if pid == 0 {
		return 0
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	user, err := strconv.Atoi(string(fields[11]))
	if err != nil {
		b.Fatal(err)
	}
	system, err := strconv.Atoi(string(fields[12]))
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond // ticks of /proc
}
