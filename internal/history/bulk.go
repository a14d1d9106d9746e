package history

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/state"
)

// Selection is the launches that a request for many of them is about.
type Selection struct {
	Numbers []uint64        // of open launches, or of records of the history, oldest first
	First   []*dkron.Launch // the newest of them
	Jobs    int             // how many jobs they belong to

	jobs map[string]bool
}

// namedCareful is how many jobs that ask first are named.
const namedCareful = 5

// Careful returns how many of the jobs ask before they are started or stopped, and the first of them by name.
func (s *Selection) Careful(x *index.Index) (count int, first []string) {
	for _, name := range slices.Sorted(maps.Keys(s.jobs)) {
		if e := x.Name(name); e == nil || !e.Confirm {
			continue
		}
		if count++; count <= namedCareful {
			first = append(first, name)
		}
	}
	return count, first
}

// firstOf is how many launches a selection shows.
const firstOf = 10

func (s *Selection) add(number uint64, l *dkron.Launch) {
	if s.jobs == nil {
		s.jobs = make(map[string]bool)
	}
	s.jobs[l.Job] = true
	s.Numbers, s.Jobs = append(s.Numbers, number), len(s.jobs)
	if len(s.First) < firstOf {
		s.First = append(s.First, l)
	}
}

// turn brings numbers that were added newest first into order.
func (s *Selection) turn() *Selection {
	slices.Reverse(s.Numbers)
	return s
}

// Again selects the ended launches that match, without those that were run again or that a rerun is about to run, and without
// those of jobs that dkron does not run. Those of deleted jobs are not there any more.
func (q *LaunchQuery) Again(tx *state.Tx) (*Selection, error) {
	reruns, err := tx.Reruns()
	if err != nil {
		return nil, err
	}
	taken := make(map[uint64]bool)
	for _, r := range reruns {
		for _, n := range r.Pending {
			taken[n] = true
		}
	}
	foreign := make(map[string]bool)
	runs := func(job string) bool {
		not, known := foreign[job]
		if !known {
			j, err := tx.Job(job)
			not = err == nil && j.ChecksIn()
			foreign[job] = not
		}
		return !not
	}
	s := new(Selection)
	err = q.ended(tx, func(number uint64, l *dkron.Launch, _ uint64) bool {
		if q.tooOld(l.RecordedAt) {
			return false
		}
		if q.match(l) && q.matchEnd(l.EndedAt) && l.RerunAs == "" && !taken[number] && runs(l.Job) {
			s.add(number, l)
		}
		return true
	})
	return s.turn(), err
}

// Open selects the launches that match and have not ended. Since and Until are about when they were made: what is made
// after the count is not stopped with it.
func (q *LaunchQuery) Open(tx *state.Tx) (*Selection, error) {
	var found []*dkron.Launch
	err := tx.OpenLaunches(0, func(l *dkron.Launch) bool {
		if q.match(l) && !l.CreatedAt.Before(q.Since) && (q.Until.IsZero() || l.CreatedAt.Before(q.Until)) {
			found = append(found, l)
		}
		return true
	})
	s := new(Selection)
	for i := len(found) - 1; i >= 0; i-- {
		s.add(found[i].Number, found[i])
	}
	return s.turn(), err
}

// String returns the filters as a query of the API. Equal filters have equal texts.
func (q *LaunchQuery) String() string {
	v := url.Values{"job": slices.Sorted(slices.Values(q.Jobs)), "state": slices.Sorted(maps.Keys(q.Words))}
	if q.Causes != nil {
		v["cause"] = slices.Sorted(maps.Keys(q.Causes))
	}
	if q.Rerun != 0 {
		v.Set("rerun", strconv.FormatUint(q.Rerun, 10))
	}
	for name, t := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !t.IsZero() {
			v.Set(name, t.UTC().Format(time.RFC3339Nano))
		}
	}
	return v.Encode()
}
