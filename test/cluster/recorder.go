package cluster

import (
	"fmt"
	"sync"
	"time"
)

// Recorder follows the scheduler's records of some jobs during a test, because the scheduler keeps only the newest.
type Recorder struct {
	c    *Cluster
	stop chan struct{}
	done chan struct{}

	mu         sync.Mutex // guards what follows
	launches   map[string]map[string]Launch
	executions map[string]map[string]Execution
	changed    map[string][]Finding // records that changed after their end
}

// Record starts to follow jobs.
func (c *Cluster) Record(jobs ...string) *Recorder {
	r := &Recorder{
		c: c, stop: make(chan struct{}), done: make(chan struct{}), launches: make(map[string]map[string]Launch),
		executions: make(map[string]map[string]Execution), changed: make(map[string][]Finding),
	}
	for _, j := range jobs {
		r.launches[j], r.executions[j] = make(map[string]Launch), make(map[string]Execution)
	}
	go r.run(jobs)
	var once sync.Once
	c.t.Cleanup(func() { once.Do(func() { close(r.stop) }); <-r.done })
	return r
}

func (r *Recorder) run(jobs []string) {
	defer close(r.done)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
			for _, j := range jobs {
				_ = r.read(j) // there may be no server to ask right now
			}
		}
	}
}

// read stores what a server has.
func (r *Recorder) read(job string) error {
	launches, err := r.c.Launches(job)
	if err != nil {
		return err
	}
	executions, err := r.c.Executions(job)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range launches {
		r.launch(job, l)
	}
	for _, e := range executions {
		r.execution(job, e)
	}
	return nil
}

// launch records a launch. A server that is behind may show an older state, but never a different end.
func (r *Recorder) launch(job string, l Launch) {
	old, ok := r.launches[job][l.ID]
	switch {
	case ok && old.EndedAt != nil && l.EndedAt == nil:
		return
	case ok && old.EndedAt != nil && old.State != l.State:
		r.changed[job] = append(r.changed[job], Finding{Disagrees, l.ScheduledAt,
			fmt.Sprintf("launch %s was %s and is now %s", l.ID, old.State, l.State)})
	}
	r.launches[job][l.ID] = l
}

func (r *Recorder) execution(job string, e Execution) {
	old, ok := r.executions[job][e.ID]
	switch {
	case ok && old.Outcome != "" && e.Outcome == "":
		return
	case ok && old.Outcome != "" && old.Outcome != e.Outcome:
		r.changed[job] = append(r.changed[job], Finding{Disagrees, e.ScheduledAt,
			fmt.Sprintf("execution %s was %s and is now %s", e.ID, old.Outcome, e.Outcome)})
	}
	r.executions[job][e.ID] = e
}

// open counts the launches of a job that were due before to and have no end.
func (r *Recorder) open(job string, to time.Time) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	count := 0
	for _, l := range r.launches[job] {
		if l.EndedAt == nil && l.ScheduledAt.Before(to) {
			count++
		}
	}
	return count
}

// known reports whether a launch at or after to is recorded: then all earlier ones have been read, too.
func (r *Recorder) known(job string, to time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.launches[job] {
		if !l.ScheduledAt.Before(to) {
			return true
		}
	}
	return false
}

// Finish waits until everything that was due before to has an end, at most as long as h.Allow permits, and fills in the
// records and what the probes wrote. Check reports what still has no end.
func (r *Recorder) Finish(h History) History {
	r.c.t.Helper()
	deadline := time.Now().Add(h.Allow + 5*time.Second)
	for time.Now().Before(deadline) {
		if r.read(h.Job) == nil && r.known(h.Job, h.To) && r.open(h.Job, h.To) == 0 {
			break
		}
		time.Sleep(4 * pollEvery)
	}
	h.Read = time.Now()
	h.Runs = r.c.Runs(h.Job)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.launches[h.Job] {
		h.Launches = append(h.Launches, l)
	}
	for _, e := range r.executions[h.Job] {
		h.Executions = append(h.Executions, e)
	}
	h.Changed = r.changed[h.Job]
	return h
}
