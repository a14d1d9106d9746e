package vitals

import (
	"context"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"

	"dkron"
	"dkron/internal/clock"
)

// period is the time between two measurements.
const period = 10 * time.Second

// Meter measures while Run runs.
type Meter struct {
	read func() reading

	mu   sync.Mutex // guards last
	last *dkron.NodeLoad
}

// NewMeter returns a meter that has measured nothing yet.
func NewMeter() *Meter { return &Meter{read: read} }

// Load returns the last measurement; false if there is none yet. Executions are not in it.
func (m *Meter) Load() (dkron.NodeLoad, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last == nil {
		return dkron.NodeLoad{}, false
	}
	return *m.last, true
}

// Run measures until ctx ends.
func (m *Meter) Run(ctx context.Context) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	var judge judge
	before := m.read()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := m.read()
		l := now.since(before)
		l.At = clock.Now()
		l.High = judge.judge(&l, l.At.Add(-period))
		before = now
		m.mu.Lock()
		m.last = &l
		m.mu.Unlock()
	}
}

// reading is what counters and gauges show at one instant.
type reading struct {
	at         time.Time
	busy, all  float64 // CPU seconds since the start, of all CPUs
	cpus       float64
	used, size uint64 // memory, in bytes
	averages   []uint64
}

// read reads what the platform offers. What it does not offer stays zero.
func read() reading {
	r := reading{at: time.Now()}
	if t, err := cpu.Times(false); err == nil && len(t) == 1 {
		r.busy = t[0].User + t[0].System + t[0].Nice + t[0].Irq + t[0].Softirq + t[0].Steal
		r.all = r.busy + t[0].Idle + t[0].Iowait
	}
	if n, err := cpu.Counts(true); err == nil {
		r.cpus = float64(n)
	}
	if v, err := mem.VirtualMemory(); err == nil {
		r.size, r.used = v.Total, v.Total-min(v.Available, v.Total)
	}
	if a, err := load.Avg(); err == nil && *a != (load.AvgStat{}) {
		for _, n := range []float64{a.Load1, a.Load5, a.Load15} {
			r.averages = append(r.averages, milli(n))
		}
	}
	r.limit(container())
	return r
}

// limits is what a container may use and uses; what is not limited is zero.
type limits struct {
	cpus       float64
	busy       float64 // CPU seconds
	size, used uint64  // memory, in bytes
}

// limit replaces figures of the machine by those of a container that may use less.
func (r *reading) limit(l limits) {
	if l.cpus > 0 && l.cpus < r.cpus {
		r.cpus, r.busy, r.all = l.cpus, l.busy, 0
	}
	if l.size > 0 && l.size < r.size {
		r.size, r.used = l.size, min(l.used, l.size)
	}
}

// since returns the load between two readings.
func (r *reading) since(before reading) dkron.NodeLoad {
	l := dkron.NodeLoad{CPUs: milli(r.cpus), MemoryTotal: r.size, MemoryUsed: r.used, Averages: r.averages}
	busy := r.busy - before.busy
	switch took := r.at.Sub(before.at).Seconds(); {
	case busy < 0: // limits have changed
	case r.all > before.all && before.all > 0:
		l.CPU = milli(busy / (r.all - before.all) * r.cpus)
	case r.all == 0 && took > 0:
		l.CPU = milli(busy / took)
	}
	l.CPU = min(l.CPU, l.CPUs)
	return l
}

func milli(n float64) uint64 { return uint64(max(n, 0)*1000 + 0.5) }
