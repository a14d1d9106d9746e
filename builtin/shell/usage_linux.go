package shell

import (
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// Samples are this far apart, so that looking costs at most a hundredth of one CPU: a list of all processes takes
	// longer on a node with many.
	sampleLeast = 250 * time.Millisecond
	sampleMost  = 5 * time.Second
	sampleShare = 100
	// tick is the clock tick in which /proc counts CPU time: 1/100 s on all architectures.
	tick = 10 * time.Millisecond
	// slack is how inexact the kernel's count of resident pages may be.
	slack = 1 << 20
)

// ownPeak returns the most resident memory that this process has had, in bytes. A child starts with its parent's peak as
// its own: it shares the parent's memory until it becomes another program. So a child's peak is its own only if it is
// larger.
func ownPeak() uint64 {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 1<<64 - 1 - slack
	}
	return uint64(r.Maxrss) << 10
}

// maxRSS returns the largest resident size of an ended process or of one that it waited for, 0 if it is not known. floor
// is ownPeak of shortly after its start.
func maxRSS(state *os.ProcessState, floor uint64) uint64 {
	r, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if rss := uint64(r.Maxrss) << 10; rss > floor+slack { // Linux counts in KiB
		return rss
	}
	return 0
}

// samples looks from time to time at what all running commands use. One list of the processes serves them all, and
// nothing is done while there are no commands.
type samples struct {
	table *table

	mu     sync.Mutex // guards the fields below
	groups map[int]*sample
	looks  bool // a goroutine looks
}

// sample is what one command was seen to use: the processes of its group.
type sample struct {
	all *samples
	pid int // of the group

	mu  sync.Mutex // guards the fields below
	cpu uint64     // most ticks
	rss uint64     // most bytes at once
}

func newSamples(t *table) *samples { return &samples{table: t, groups: make(map[int]*sample)} }

// add begins to look at a process group. The caller calls end.
func (s *samples) add(group int) *sample {
	one := &sample{all: s, pid: group}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[group] = one
	if !s.looks {
		s.looks = true
		go s.run()
	}
	return one
}

func (s *sample) end() {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	if s.all.groups[s.pid] == s { // the number may be another command's by now
		delete(s.all.groups, s.pid)
	}
}

// peak returns the most that was seen.
func (s *sample) peak() (cpu time.Duration, rss uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.cpu) * tick, s.rss
}

func (s *sample) note(ticks, rss uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cpu, s.rss = max(s.cpu, ticks), max(s.rss, rss)
}

// run looks until there are no commands.
func (s *samples) run() {
	for pause := sampleLeast; ; {
		time.Sleep(pause)
		s.mu.Lock()
		if len(s.groups) == 0 {
			s.looks = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		began := time.Now()
		s.look()
		pause = min(max(sampleShare*time.Since(began), sampleLeast), sampleMost)
	}
}

// look adds up what each group uses now.
func (s *samples) look() {
	snap := s.table.snapshot(time.Now(), false)
	s.mu.Lock()
	defer s.mu.Unlock()
	type sum struct{ cpu, rss uint64 }
	sums := make(map[*sample]sum, len(s.groups))
	for i := range snap.procs {
		p := &snap.procs[i]
		if one := s.groups[p.pgrp]; one != nil {
			now := sums[one]
			sums[one] = sum{now.cpu + p.cpu, now.rss + p.rss}
		}
	}
	for one, now := range sums {
		one.note(now.cpu, now.rss)
	}
}
