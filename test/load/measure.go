package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// measurement is what was measured between two moments.
type measurement struct {
	took      time.Duration
	sent      *arrivals // mode http
	recorded  uint64
	failed    uint64
	perSecond []float64 // recorded in each second
	lateness  []time.Duration
	cpu       float64 // seconds
	children  float64
	rss, anon int64     // KiB, peaks
	plugin    int       // process of the plugin, 0: none
	pluginCPU float64   // seconds
	pluginRSS int64     // KiB, peak
	loops     []float64 // runs per second of the plain loop, each time that it ran
}

func measure(o *options, s *server, k *sink, interrupted <-chan os.Signal) (*measurement, error) {
	if err := rest(o.warmup, interrupted); err != nil {
		return nil, err
	}
	m := new(measurement)
	before, failedBefore, err := s.recorded()
	if err != nil {
		return nil, err
	}
	if k != nil {
		if _, err := k.take(); err != nil {
			return nil, err
		}
	}
	cpu0, children0 := s.cpu()
	m.plugin = pluginProcess(s.dir)
	plugin0, _ := cpu(m.plugin)
	began := time.Now()
	if err := m.watch(o, s, before, interrupted); err != nil {
		return nil, err
	}
	m.took = time.Since(began)
	cpu1, children1 := s.cpu()
	plugin1, _ := cpu(m.plugin)
	m.pluginCPU = plugin1 - plugin0
	if k != nil {
		if m.sent, err = k.take(); err != nil {
			return nil, err
		}
	}
	after, failedAfter, err := s.recorded()
	if err != nil {
		return nil, err
	}
	m.cpu, m.children = cpu1-cpu0, children1-children0
	m.recorded, m.failed = after-before, failedAfter-failedBefore
	m.lateness, err = recordedLateness(s, o, began, began.Add(m.took))
	return m, err
}

// watch reads the counts every second and the memory ten times as often.
func (m *measurement) watch(o *options, s *server, count uint64, interrupted <-chan os.Signal) error {
	began, last := time.Now(), time.Now()
	for i := 1; time.Since(began) < o.duration; i++ {
		if err := rest(100*time.Millisecond, interrupted); err != nil {
			return err
		}
		rss, anon := memory(s.pid)
		m.rss, m.anon = max(m.rss, rss), max(m.anon, anon)
		rss, _ = memory(m.plugin)
		m.pluginRSS = max(m.pluginRSS, rss)
		if i%10 != 0 {
			continue
		}
		n, _, err := s.recorded()
		if err != nil {
			return err
		}
		m.perSecond = append(m.perSecond, float64(n-count)/time.Since(last).Seconds())
		count, last = n, time.Now()
	}
	return nil
}

func rest(d time.Duration, interrupted <-chan os.Signal) error {
	select {
	case <-time.After(d):
		return nil
	case <-interrupted:
		return errors.New("interrupted")
	}
}

func (m *measurement) print(o *options) {
	seconds := m.took.Seconds()
	fmt.Printf("mode %s, %d jobs every second, %.1f s\n", o.mode, o.jobs, seconds)
	if m.sent != nil {
		fmt.Printf("sent:      %8.1f runs/s (%d; %d without header, %d repeated)\n", float64(m.sent.Count)/seconds, m.sent.Count, m.sent.Unknown, m.sent.Repeated)
	}
	slices.Sort(m.perSecond)
	fmt.Printf("recorded:  %8.1f runs/s (%d; %d failed), of %d due; in a second %.0f to %.0f\n", float64(m.recorded)/seconds, m.recorded, m.failed,
		o.jobs*int(math.Round(seconds)), quantile(m.perSecond, 0), quantile(m.perSecond, 1))
	if m.sent != nil {
		printLateness("at the sink", m.sent.Lateness)
	}
	printLateness("as recorded", m.lateness)
	runs := float64(max(m.recorded, 1)) / 1000
	fmt.Printf("CPU:       %8.3f s per 1,000 runs (%.2f cores)", m.cpu/runs, m.cpu/seconds)
	if m.children > 0 {
		fmt.Printf(", and %.3f s in their processes", m.children/runs)
	}
	fmt.Printf("\nmemory:    %8.1f MiB resident at most, %.1f MiB of it anonymous\n", float64(m.rss)/1024, float64(m.anon)/1024)
	if m.plugin != 0 {
		fmt.Printf("plugin:    %8.3f s CPU per 1,000 runs (%.2f cores), %.1f MiB resident at most\n", m.pluginCPU/runs, m.pluginCPU/seconds, float64(m.pluginRSS)/1024)
	}
	m.printLoop(o)
}

// printLoop compares the server with the plain loop.
func (m *measurement) printLoop(o *options) {
	if len(m.loops) == 0 {
		return
	}
	var sum float64
	for _, r := range m.loops {
		sum += r
	}
	rate := sum / float64(len(m.loops))
	fmt.Printf("os/exec:   %8.1f runs/s in a plain loop with %d workers %.0f; the server reaches %.0f %%", rate, o.concurrency, m.loops,
		100*float64(m.recorded)/m.took.Seconds()/rate)
	if float64(o.jobs) < rate {
		fmt.Print(", but was asked for less than the loop did; more --jobs show its limit")
	}
	fmt.Println()
}

func printLateness(what string, d []time.Duration) {
	slices.Sort(d)
	ms := func(q float64) float64 { return float64(quantile(d, q)) / float64(time.Millisecond) }
	fmt.Printf("lateness:  p50 %.1f ms, p99 %.1f ms, most %.1f ms, least %.1f ms %s (%d)\n", ms(0.5), ms(0.99), ms(1), ms(0), what, len(d))
}

// quantile returns the value below which the share q of a sorted list lies.
func quantile[T any](sorted []T, q float64) (v T) {
	if len(sorted) == 0 {
		return v
	}
	return sorted[int(q*float64(len(sorted)-1))]
}
