package dkron

import (
	"time"

	"dkron/internal/codec"
)

// CatchupRate is how many launches a second make up for others: late ones, and those that run others again.
const CatchupRate = 5000

// Limits of reruns.
const (
	MaxRerun  = 10_000 // launches of one
	MaxReruns = 20     // that are kept, and that may be in progress at once
)

// Rerun is the request to run many ended launches again. It continues until each has been launched, is no longer kept, or
// was run again by another request, unless it is stopped.
type Rerun struct {
	Number uint64
	Filter string // the query that selected the launches
	By     string // who requested it
	At     time.Time
	Alone  bool // children do not follow

	Total    uint64 // launches that it began with
	Launched uint64 // of them, that it has run again
	Gone     uint64 // that were no longer kept or were run again by another request when it was their turn

	// Pending is the records of the launch history whose turn has not come, oldest first, and Jobs the number of the job
	// of each.
	Pending []uint64
	Jobs    []uint64

	EndedAt   time.Time
	StoppedBy string
	Reason    string // of the stop
}

// RerunState is the state of a rerun.
type RerunState string

// The states of a rerun.
const (
	RerunRunning RerunState = "running"
	RerunDone    RerunState = "done"
	RerunStopped RerunState = "stopped"
)

// State returns the state.
func (r *Rerun) State() RerunState {
	switch {
	case r.EndedAt.IsZero():
		return RerunRunning
	case r.Launched+r.Gone < r.Total:
		return RerunStopped
	}
	return RerunDone
}

// Fields describes the wire form.
func (r *Rerun) Fields(w *codec.Wire) {
	w.Uint(1, &r.Number)
	w.String(2, &r.Filter)
	w.String(3, &r.By)
	w.Time(4, &r.At)
	w.Bool(5, &r.Alone)
	w.Uint(6, &r.Total)
	w.Uint(7, &r.Launched)
	w.Uint(8, &r.Gone)
	w.Uints(9, &r.Pending)
	w.Uints(10, &r.Jobs)
	w.Time(11, &r.EndedAt)
	w.String(12, &r.StoppedBy)
	w.String(13, &r.Reason)
}

// TakesRerun reports whether the job may get another launch of a rerun now. Unless its launches may overlap, that is
// when none is open.
func (p *Progress) TakesRerun() bool {
	return p.Concurrency == "" || p.Concurrency == Allow || p.Active == 0 && len(p.Before) == 0 && len(p.Queued) == 0
}
