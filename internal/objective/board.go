package objective

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/state"
)

// Standing is how one objective of one job stands.
type Standing struct {
	Job         string
	DisplayName string
	Owner       string
	Finding
}

// chunk is how many jobs are judged in one view of the state, so that none stays open for long.
const chunk = 500

// Board judges the jobs that a server knows.
type Board struct{ store *state.Store }

// NewBoard returns a board of a server's state.
func NewBoard(store *state.Store) *Board { return &Board{store} }

// List returns how the objectives of jobs stand: what is broken for longest first, then what will be soonest, then the others by
// name.
func (b *Board) List(jobs iter.Seq[*index.Entry], now time.Time) (list []Standing, err error) {
	for part := range slices.Chunk(named(jobs), chunk) {
		err = b.store.View(func(tx *state.Tx) error {
			for _, name := range part {
				j, p, err := tx.Record(name)
				if errors.Is(err, dkron.ErrNotFound) {
					continue // deleted meanwhile
				}
				if err != nil {
					return err
				}
				found, err := judge(tx, j, p, now)
				if err != nil {
					return err
				}
				list = append(list, found...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, compare)
	return list, nil
}

// named returns those of the jobs that have objectives.
func named(jobs iter.Seq[*index.Entry]) (names []string) {
	for e := range jobs {
		if e.Objectives {
			names = append(names, e.Name)
		}
	}
	return names
}

// EachBreach calls fn for each objective that is broken, and returns when the next one will be if nothing happens; the zero
// time if that is open.
func (b *Board) EachBreach(tx *state.Tx, now time.Time, fn func(*dkron.Job, *dkron.Progress, dkron.Breach)) (next time.Time, err error) {
	every := func(yield func(*index.Entry) bool) { b.store.Index().Each(yield) }
	for _, name := range named(every) {
		j, p, err := tx.Record(name)
		if errors.Is(err, dkron.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return next, err
		}
		open, err := opened(tx, j.Number)
		if err != nil {
			return next, err
		}
		for _, f := range Judge(j, p, open, now) {
			switch {
			case f.State == Broken:
				fn(j, p, dkron.Breach{Job: j.Number, Objective: f.Objective, At: f.At, Reason: f.breach()})
			case f.At.After(now) && (next.IsZero() || f.At.Before(next)):
				next = f.At
			}
		}
	}
	return next, nil
}

func judge(tx *state.Tx, j *dkron.Job, p *dkron.Progress, now time.Time) (list []Standing, err error) {
	open, err := opened(tx, j.Number)
	for _, f := range Judge(j, p, open, now) {
		list = append(list, Standing{Job: j.Name, DisplayName: j.DisplayName, Owner: j.Owner, Finding: f})
	}
	return list, err
}

func opened(tx *state.Tx, job uint64) (open []*dkron.Launch, err error) {
	for _, number := range tx.OpenLaunchesOf(job) {
		l, err := tx.Launch(number)
		if errors.Is(err, dkron.ErrNotFound) {
			continue // it has just ended
		}
		if err != nil {
			return nil, err
		}
		open = append(open, l)
	}
	return open, nil
}

// severity orders the states.
var severity = map[State]int{Broken: 0, AtRisk: 1, Met: 2, Unknown: 3}

func compare(a, b Standing) int {
	if a.State != b.State {
		return severity[a.State] - severity[b.State]
	}
	if c := a.At.Compare(b.At); c != 0 && (a.State == Broken || a.State == AtRisk) {
		return c
	}
	if c := strings.Compare(a.Job, b.Job); c != 0 {
		return c
	}
	return strings.Compare(string(a.Objective), string(b.Objective))
}
