package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/state"
)

// wrong describes the inconsistencies of the state; empty if there are none.
func (m *machine) wrong(swept ...bool) string {
	var w []string
	say := func(format string, args ...any) { w = append(w, fmt.Sprintf(format, args...)) }
	err := m.store.View(func(tx *state.Tx) error {
		launches := make(map[uint64]*dkron.Launch)
		active, queued, open := make(map[uint64]uint64), make(map[uint64][]uint64), make(map[uint64][]uint64)
		err := tx.OpenLaunches(0, func(l *dkron.Launch) bool {
			launches[l.Number] = l
			open[l.JobNumber] = append(open[l.JobNumber], l.Number)
			switch l.State {
			case dkron.LaunchQueued:
				queued[l.JobNumber] = append(queued[l.JobNumber], l.Number)
			case dkron.LaunchWaiting, dkron.LaunchRunning:
				active[l.JobNumber]++
			default:
				say("launch %d is open and %s", l.Number, l.State)
			}
			if _, err := tx.Progress(l.JobNumber); errors.Is(err, dkron.ErrNotFound) && l.State != dkron.LaunchRunning {
				say("launch %d is %s although its job is gone", l.Number, l.State)
			}
			return true
		})
		if err != nil {
			return err
		}
		for job, numbers := range open {
			if have := tx.OpenLaunchesOf(job); !slices.Equal(have, numbers) {
				say("the index has the open launches %v of job %d, the table %v", have, job, numbers)
			}
		}
		if n := m.store.Index().OpenLaunches(); n != len(launches) {
			say("the index has %d open launches, the table %d", n, len(launches))
		}
		if err := wrongHealth(tx, m.store.Index(), say); err != nil {
			return err
		}
		if err := wrongDeliveries(tx, m.store.Index(), say); err != nil {
			return err
		}
		if err := wrongExecutions(tx, launches, say); err != nil {
			return err
		}
		m.store.Index().Each(func(e *index.Entry) bool {
			err = wrongJob(tx, e.Name, active, queued, say)
			return err == nil
		})
		return err
	})
	if err != nil {
		say("%v", err)
	}
	m.store.View(func(tx *state.Tx) error {
		w = append(w, tx.WrongHistory(len(swept) > 0)...)
		return nil
	})
	return strings.Join(w, "\n")
}

// wrongHealth compares the index with one made afresh from the state, as a server does that starts.
func wrongHealth(tx *state.Tx, kept *index.Index, say func(string, ...any)) (err error) {
	fresh := index.New()
	if err := tx.OpenLaunches(0, func(l *dkron.Launch) bool { fresh.AddOpen(l); return true }); err != nil {
		return err
	}
	kept.Each(func(e *index.Entry) bool {
		var j *dkron.Job
		var p *dkron.Progress
		if j, p, err = tx.Record(e.Name); err == nil {
			fresh.Add(index.NewEntry(j, p))
		}
		return err == nil
	})
	if x, y := healths(kept, tx.Clock()), healths(fresh, tx.Clock()); x != y {
		say("the index has jobs in this health:\n%s\nand after a restart:\n%s", x, y)
	}
	return err
}

// wrongDeliveries compares the deliveries that are kept with what is counted.
func wrongDeliveries(tx *state.Tx, x *index.Index, say func(string, ...any)) error {
	kept, notices, pending := uint64(0), uint64(0), make(map[string]uint64)
	err := tx.EachDelivery(0, func(d *dkron.Delivery) bool {
		kept++
		if d.Kind.Notifies() {
			notices++
		}
		open := 0
		for _, t := range d.Targets {
			if t.State == dkron.Undelivered {
				open++
			}
			if t.State == dkron.Undelivered && !d.Kind.Notifies() {
				pending[fmt.Sprint(d.JobNumber, t.Name)]++
			}
		}
		if open == 0 {
			say("delivery %d is kept although all of it has ended", d.Number)
		}
		return true
	})
	if n, some := tx.Undelivered(); n != kept || some != notices {
		say("%d deliveries are counted, %d of them notices; %d are kept, %d notices", n, some, kept, notices)
	}
	x.Each(func(e *index.Entry) bool {
		var stats *dkron.DeliveryStats
		if stats, err = tx.DeliveryStats(e.Number); err != nil {
			return false
		}
		for _, s := range stats.List {
			if want := pending[fmt.Sprint(e.Number, s.Name)]; s.Pending != want {
				say("job %s counts %d as pending for %s, which has %d", e.Name, s.Pending, s.Name, want)
			}
		}
		return true
	})
	return err
}

func (m *machine) unswept() (unswept bool) {
	m.store.View(func(tx *state.Tx) error {
		unswept = tx.Unswept()
		return nil
	})
	return unswept
}

func wrongExecutions(tx *state.Tx, launches map[uint64]*dkron.Launch, say func(string, ...any)) error {
	left, ids := make(map[uint64]uint64), make(map[string]bool)
	err := tx.OpenExecutions(func(e *dkron.Execution) bool {
		left[e.Key.Launch]++
		l := launches[e.Key.Launch]
		if l == nil || l.State != dkron.LaunchRunning || l.JobNumber != e.JobNumber || l.Group != e.Group {
			say("execution %v belongs to no launch that runs: %+v", e.Key, l)
		}
		if id := fmt.Sprint(e.Key.Launch, "/", e.ID()); !e.Unplaced && ids[id] {
			say("two executions of launch %d are %s", e.Key.Launch, e.ID())
		} else if !e.Unplaced {
			ids[id] = true
		}
		return true
	})
	for n, l := range launches {
		if l.State == dkron.LaunchRunning && (left[n] == 0 || left[n]+l.Succeeded+l.Failed != l.Nodes) {
			say("launch %d runs with %d open executions: %+v", n, left[n], l)
		}
	}
	return err
}

func wrongJob(tx *state.Tx, name string, active map[uint64]uint64, queued map[uint64][]uint64, say func(string, ...any)) error {
	j, p, err := tx.Record(name)
	if err != nil {
		return err
	}
	if p.Active != active[j.Number] || !slices.Equal(p.Queued, queued[j.Number]) {
		say("job %s says that %d launches are active and %v queued; %d and %v are", name, p.Active, p.Queued, active[j.Number], queued[j.Number])
	}
	var before []uint64
	for _, n := range tx.OpenLaunchesNamed(name) {
		if l, err := tx.Launch(n); err != nil || l.Job != name {
			say("the index has the launch %d for %s: %+v, %v", n, name, l, err)
		} else if l.JobNumber != j.Number {
			before = append(before, n)
		}
	}
	if !slices.Equal(p.Before, before) {
		say("job %s waits for %v of those that had its name; %v run", name, p.Before, before)
	}
	queues := p.Concurrency == dkron.Queue || p.Concurrency == dkron.Replace
	if len(p.Queued) > 0 && (!busy(p) || !queues) {
		say("job %s has a queue that nothing will move: %+v", name, p)
	}
	if p.Concurrency == dkron.Replace && j.Revision == 1 && len(p.Queued) > 1 {
		say("job %s has more than the newest in its queue: %v", name, p.Queued)
	}
	parents := j.AllParents()
	if len(p.Arrived) > 0 && (!j.WaitsForAll() || len(p.Arrived) > len(parents)) {
		say("%s holds on to parents that have arrived: %v", name, p.Arrived)
	}
	for _, parent := range parents {
		if up, err := tx.Job(parent.Job); err != nil || !slices.Contains(up.DependentJobs, name) {
			say("parent %s of %s does not know it: %v", parent.Job, name, err)
		}
	}
	for _, child := range j.DependentJobs {
		if c, err := tx.Job(child); err != nil {
			say("child %s of %s: %v", child, name, err)
		} else if _, ok := c.HasParent(name); !ok {
			say("%s has the child %s, which knows nothing of it", name, child)
		}
	}
	if p.Family != (j.Ephemeral || len(j.DependentJobs) > 0) || p.Revision != j.Revision || p.Concurrency != j.Concurrency {
		say("progress of %s does not follow its definition: %+v", name, p)
	}
	return nil
}
