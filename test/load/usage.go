package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// clockTicks is the unit of CPU times in /proc, which has been the same on all of Linux's common platforms.
const clockTicks = 100

// cpu returns the CPU seconds that a process, and the children that it waited for, have used.
func cpu(pid int) (self, children float64) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	// The name, in parentheses, may hold spaces. After it, the 12th to 15th fields are utime, stime, cutime, cstime.
	f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(f) < 15 {
		return 0, 0
	}
	var ticks [4]float64
	for i := range ticks {
		ticks[i], _ = strconv.ParseFloat(f[11+i], 64)
	}
	return (ticks[0] + ticks[1]) / clockTicks, (ticks[2] + ticks[3]) / clockTicks
}

// memory returns the resident set of a process in KiB, and its anonymous part.
func memory(pid int) (rss, anon int64) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch key {
		case "VmRSS":
			rss = n
		case "RssAnon":
			anon = n
		}
	}
	return rss, anon
}

// execLoop starts `true` as fast as workers can, without anything around it, and returns the rate per second.
func execLoop(workers int, d time.Duration) float64 {
	var count atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range workers {
		wg.Go(func() {
			for time.Since(began) < d {
				if exec.Command("true").Run() == nil {
					count.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return float64(count.Load()) / time.Since(began).Seconds()
}
