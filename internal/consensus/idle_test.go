//go:build unix

package consensus

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkIdle shows what the commit timeout costs three idle servers, in ‰ of one core for each, and that it does not
// decide how long after its acknowledgement a single write is applied on all followers. Run it with -benchtime 1x.
func BenchmarkIdle(b *testing.B) {
	for _, timeout := range []time.Duration{10, 100, 500} {
		timeout *= time.Millisecond
		b.Run(fmt.Sprint(timeout), func(b *testing.B) {
			all := cluster(b, 3, func(c *Config) { c.commitTimeout = timeout })
			for b.Loop() {
				cpu, wall := cpuTime(b), time.Now()
				time.Sleep(3 * time.Second)
				b.ReportMetric(1000*(cpuTime(b)-cpu).Seconds()/time.Since(wall).Seconds()/3, "‰cpu/server")
				var lag time.Duration
				for range 50 {
					index := propose(b, waitLeader(b, all...), "x")
					acked := time.Now()
					for _, s := range all {
						if err := s.node.WaitApplied(b.Context(), index); err != nil {
							b.Fatal(err)
						}
					}
					lag += time.Since(acked)
					time.Sleep(10 * time.Millisecond)
				}
				b.ReportMetric(lag.Seconds()*1000/50, "ms-lag")
			}
		})
	}
}
