package command

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// protocolOfRerun is the protocol that introduced reruns.
const protocolOfRerun = 2

// Rerun records that many ended launches are to be run again.
type Rerun struct {
	Launches []uint64 // records of the launch history, oldest first
	Filter   string
	Alone    bool
	By       string
	Now      time.Time
}

// Fields describes the wire form.
func (c *Rerun) Fields(w *codec.Wire) {
	w.Since(protocolOfRerun)
	w.Uints(1, &c.Launches)
	w.String(2, &c.Filter)
	w.Bool(3, &c.Alone)
	w.String(4, &c.By)
	w.Time(5, &c.Now)
}

// Apply stores the rerun, without launches that have been run again or that an earlier rerun is about to run. If none is
// left, the same request was made before: its result is that rerun.
func (c *Rerun) Apply(tx *state.Tx) (any, error) {
	all, err := tx.Reruns()
	if err != nil {
		return nil, err
	}
	open, taken := 0, make(map[uint64]bool)
	var same *dkron.Rerun
	for _, r := range all {
		if r.EndedAt.IsZero() {
			open++
		}
		for _, n := range r.Pending {
			taken[n] = true
		}
		if r.Filter == c.Filter && r.State() != dkron.RerunStopped {
			same = r
		}
	}
	r := &dkron.Rerun{Filter: c.Filter, By: c.By, At: c.Now, Alone: c.Alone}
	for _, n := range c.Launches {
		l, err := tx.LaunchedRecord(n)
		if err != nil && !errors.Is(err, dkron.ErrNotFound) {
			return nil, err
		}
		if err == nil && l.RerunAs == "" && !taken[n] {
			r.Pending, r.Jobs, taken[n] = append(r.Pending, n), append(r.Jobs, l.JobNumber), true
		}
	}
	switch r.Total = uint64(len(r.Pending)); {
	case r.Total == 0 && same != nil:
		return same, nil
	case r.Total == 0:
		return nil, dkron.Conflict("no launch is left to run again: each that matches has been run again already, or is about to be")
	case r.Total > dkron.MaxRerun:
		return nil, dkron.Invalid("%d launches are to be run again, at most %d can be at once; narrow the filter", r.Total, dkron.MaxRerun)
	case open >= dkron.MaxReruns:
		return nil, dkron.Conflict("%d reruns go on already; wait for one to end, or stop one", open)
	}
	tx.Tick(c.Now)
	if err := tx.AddRerun(r); err != nil {
		return nil, err
	}
	note(tx, dkron.AuditRerun, strconv.FormatUint(r.Number, 10), fmt.Sprintf("%d launches: %s", r.Total, shortened(c.Filter)))
	return r, nil
}

// Relaunch makes the next launches of a rerun.
type Relaunch struct {
	Rerun    uint64
	Launches []Relaunched
	Now      time.Time
	Notifying
}

// Relaunched is a launch that is run again, and on which nodes.
type Relaunched struct {
	Record    uint64
	Targets   []string
	Unreached uint64 // see dkron.Launch
	Missing   []string
}

// Fields describes the wire form.
func (l *Relaunched) Fields(w *codec.Wire) {
	w.Uint(1, &l.Record)
	w.Strings(2, &l.Targets)
	w.Uint(3, &l.Unreached)
	w.Strings(4, &l.Missing)
}

// Fields describes the wire form.
func (c *Relaunch) Fields(w *codec.Wire) {
	w.Since(protocolOfRerun)
	w.Uint(1, &c.Rerun)
	codec.List(w, 2, &c.Launches)
	w.Time(3, &c.Now)
	w.Strings(4, &c.Channels)
}

// Apply makes a launch for each that is still pending, and takes it off the list in the same transaction, so that
// proposing it twice is safe. One whose job can't take it now stays.
func (c *Relaunch) Apply(tx *state.Tx) (any, error) {
	r, err := tx.Rerun(c.Rerun)
	if err != nil || !r.EndedAt.IsZero() {
		return nil, err
	}
	tx.Tick(c.Now)
	tx.SetChannels(c.Channels)
	for i := range c.Launches {
		at := slices.Index(r.Pending, c.Launches[i].Record)
		if at < 0 {
			continue
		}
		done, err := c.relaunch(tx, r, &c.Launches[i])
		if err != nil {
			return nil, err
		}
		if done {
			r.Pending, r.Jobs = slices.Delete(r.Pending, at, at+1), slices.Delete(r.Jobs, at, at+1)
		}
	}
	if len(r.Pending) == 0 {
		r.EndedAt = c.Now
	}
	return nil, tx.PutRerun(r)
}

// relaunch reports whether nothing is left to do for the launch.
func (c *Relaunch) relaunch(tx *state.Tx, r *dkron.Rerun, item *Relaunched) (done bool, err error) {
	old, err := tx.LaunchedRecord(item.Record)
	if errors.Is(err, dkron.ErrNotFound) || err == nil && old.RerunAs != "" {
		r.Gone++
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if j, err := tx.Job(old.Job); err == nil && j.ChecksIn() { // changed since
		r.Gone++
		return true, nil
	}
	p, err := tx.Progress(old.JobNumber)
	if err != nil || !p.TakesRerun() {
		return false, err
	}
	l := &dkron.Launch{
		Job: old.Job, JobNumber: old.JobNumber, Nominal: c.Now, Cause: dkron.CauseManual, CreatedAt: c.Now, By: r.By,
		Alone: r.Alone, Rerun: r.Number, Unreached: item.Unreached, Missing: item.Missing,
	}
	l.Group = newGroup(p, c.Now)
	r.Launched++
	if err := runAgain(tx, item.Record, old, l); err != nil {
		return false, err
	}
	return true, admit(tx, p, l, item.Targets)
}

// endedOf returns the ended launch of a job that is to be run again, nil if record is 0.
func endedOf(tx *state.Tx, record, job uint64) (*dkron.Launch, error) {
	if record == 0 {
		return nil, nil //nolint:nilnil // none was asked for
	}
	old, err := tx.LaunchedRecord(record)
	if err == nil && old.JobNumber != job {
		err = fmt.Errorf("record %d of the launch history: %w", record, dkron.ErrNotFound)
	}
	return old, err
}

// runAgain makes l run an ended launch again, and notes that in its record.
func runAgain(tx *state.Tx, record uint64, old, l *dkron.Launch) error {
	if old == nil {
		return nil
	}
	l.RerunOf, l.RerunDue, l.Change = old.ID(), old.Nominal, old.Change
	if !old.RerunDue.IsZero() {
		l.RerunDue = old.RerunDue
	}
	old.RerunAs = l.ID()
	return tx.PutLaunchedRecord(record, old)
}

// StopRerun ends a rerun. What it has launched goes on.
type StopRerun struct {
	Rerun uint64
	Wish  dkron.Stop
}

// Fields describes the wire form.
func (c *StopRerun) Fields(w *codec.Wire) {
	w.Since(protocolOfRerun)
	w.Uint(1, &c.Rerun)
	codec.Nested(w, 2, &c.Wish)
}

// Apply records the end.
func (c *StopRerun) Apply(tx *state.Tx) (any, error) {
	r, err := tx.Rerun(c.Rerun)
	if err != nil {
		return nil, err
	}
	if !r.EndedAt.IsZero() {
		return nil, dkron.Conflict("the rerun has ended already: %s", r.State())
	}
	tx.Tick(c.Wish.At)
	r.EndedAt, r.StoppedBy, r.Reason, r.Pending, r.Jobs = c.Wish.At, c.Wish.By, c.Wish.Reason, nil, nil
	note(tx, dkron.AuditRerun, strconv.FormatUint(r.Number, 10), shortened(strings.TrimSuffix("stop: "+c.Wish.Reason, ": ")))
	return r, tx.PutRerun(r)
}
