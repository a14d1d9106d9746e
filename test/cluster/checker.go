package cluster

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind is what is wrong.
type Kind string

// The kinds.
const (
	Lost      Kind = "lost"      // a nominal instant without a run and without a recorded reason
	Unrun     Kind = "unrun"     // a nominal instant without a run, which is recorded; only wrong if all had to run
	Doubled   Kind = "doubled"   // more starts for a nominal instant than targets and attempts
	Overlaps  Kind = "overlaps"  // two runs at once although concurrency is forbid
	Stuck     Kind = "stuck"     // not ended in the records for longer than allowed
	Stale     Kind = "stale"     // began longer than allowed after its nominal time
	Early     Kind = "early"     // began before its nominal time
	Disagrees Kind = "disagrees" // the records and the file differ
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind Kind
	At   time.Time // nominal
	Text string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s at %s: %s", f.Kind, f.At.UTC().Format("15:04:05.000"), f.Text)
}

// History is the outcome of a job whose due times are Every apart, in [From, To).
type History struct {
	Job     string
	From    time.Time
	To      time.Time
	Every   time.Duration // default 1s
	Targets int           // runs of one instant; default 1
	Retries int           // further attempts that are allowed on each target
	Forbid  bool          // no two runs at once
	AllRun  bool          // every instant must have run
	Window  time.Duration // how late a run may begin
	Allow   time.Duration // how long after a run's end its records may be open

	Runs       []Run
	Launches   []Launch
	Executions []Execution
	Changed    []Finding // records that changed after their end
	Read       time.Time // when the records were read last
}

// clockSlack is how far apart the product's and the probe's clock readings may be at the same instant: the kernel's
// coarse clock, and the time between fork and the script's first command.
const clockSlack = 5 * time.Millisecond

// Check returns everything that is wrong with a history, in the order of the instants.
func Check(h History) []Finding {
	if h.Every == 0 {
		h.Every = time.Second
	}
	h.Targets = max(h.Targets, 1)
	k := &check{History: h, executions: make(map[string]Execution), runs: make(map[int64][]Run)}
	for _, e := range h.Executions {
		k.executions[e.ID] = e
	}
	for _, r := range h.Runs {
		k.runs[r.Nominal.UnixNano()] = append(k.runs[r.Nominal.UnixNano()], r)
	}
	k.found = append(k.found, h.Changed...)
	for at := h.From; at.Before(h.To); at = at.Add(h.Every) {
		k.instant(at)
	}
	k.times()
	k.starts()
	k.overlaps()
	k.stuck()
	k.agreement()
	slices.SortStableFunc(k.found, func(a, b Finding) int { return a.At.Compare(b.At) })
	return k.found
}

type check struct {
	History
	executions map[string]Execution
	runs       map[int64][]Run // by nominal instant
	found      []Finding
}

func (k *check) wrong(kind Kind, at time.Time, format string, args ...any) {
	k.found = append(k.found, Finding{kind, at, fmt.Sprintf(format, args...)})
}

// launchAt returns the record that covers an instant; a record of missed instants covers many.
func (k *check) launchAt(at time.Time) *Launch {
	for i := range k.Launches {
		l := &k.Launches[i]
		if l.ScheduledAt.Equal(at) || l.Until != nil && !at.Before(l.ScheduledAt) && !at.After(*l.Until) {
			return l
		}
	}
	return nil
}

// instant checks whether an instant is accounted for.
func (k *check) instant(at time.Time) {
	if len(k.runs[at.UnixNano()]) > 0 {
		return
	}
	l := k.launchAt(at)
	switch {
	case l == nil:
		k.wrong(Lost, at, "no run and no record of it")
	case l.EndedAt == nil:
		// stuck reports it, if it has been open for too long.
	case l.State == "success":
		k.wrong(Lost, at, "no run, although launch %s is recorded as a success", l.ID)
	case l.Reason == "" && !k.explained(l.ID):
		k.wrong(Lost, at, "no run, and launch %s is %s without a reason", l.ID, l.State)
	}
	if k.AllRun {
		state := "not recorded"
		if l != nil {
			state = fmt.Sprintf("%s: %q", l.State, l.Reason)
		}
		k.wrong(Unrun, at, "no run; the launch is %s", state)
	}
}

// explained reports whether an execution of a launch says why it did not succeed.
func (k *check) explained(launch string) bool {
	for _, e := range k.Executions {
		if e.LaunchID == launch && (e.Error != "" || e.Outcome == "failed" && e.Output != "") {
			return true
		}
	}
	return false
}

func (k *check) times() {
	for _, r := range k.Runs {
		late := r.Start.Sub(r.Nominal)
		if late < -clockSlack {
			k.wrong(Early, r.Nominal, "%s began %v before its time", r.ExecutionID, -late)
		}
		if k.Window > 0 && late > k.Window && r.Attempt == 1 {
			k.wrong(Stale, r.Nominal, "%s began %v after its time on %s", r.ExecutionID, late.Round(time.Millisecond), r.Node)
		}
	}
}

// starts finds surplus starts: one execution twice, or one instant on more targets or in more attempts than the job
// has.
func (k *check) starts() {
	seen := make(map[string]Run)
	for _, r := range k.Runs {
		if first, ok := seen[r.ExecutionID]; ok {
			k.wrong(Doubled, r.Nominal, "%s began twice, at %s on %s and at %s on %s", r.ExecutionID, clock(first.Start), first.Node, clock(r.Start), r.Node)
		}
		seen[r.ExecutionID] = r
	}
	for _, runs := range k.runs {
		nodes := make(map[string]bool)
		tries := make(map[string]int)
		for _, r := range runs {
			nodes[r.Node] = true
			tries[r.Node]++
		}
		if len(nodes) > k.Targets {
			k.wrong(Doubled, runs[0].Nominal, "ran on %d nodes instead of %d: %s", len(nodes), k.Targets, describe(runs))
		}
		for node, n := range tries {
			if n > 1+k.Retries {
				k.wrong(Doubled, runs[0].Nominal, "began %d times on %s: %s", n, node, describe(runs))
			}
		}
	}
}

func describe(runs []Run) string {
	var parts []string
	for _, r := range runs {
		parts = append(parts, fmt.Sprintf("%s from %s to %s", r.ExecutionID, clock(r.Start), clock(r.End)))
	}
	return strings.Join(parts, ", ")
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "?"
	}
	return t.UTC().Format("15:04:05.000")
}

// end returns when a run ended: by its own line, or, if it was killed, by its record.
func (k *check) end(r Run) time.Time {
	if !r.End.IsZero() {
		return r.End
	}
	return k.executions[r.ExecutionID].FinishedAt
}

func (k *check) overlaps() {
	if !k.Forbid {
		return
	}
	runs := slices.Clone(k.Runs)
	slices.SortFunc(runs, func(a, b Run) int { return a.Start.Compare(b.Start) })
	for i := 1; i < len(runs); i++ {
		a, b := runs[i-1], runs[i]
		if end := k.end(a); a.LaunchID != b.LaunchID && (end.IsZero() || b.Start.Before(end)) {
			k.wrong(Overlaps, b.Nominal, "%s began at %s while %s ran until %s", b.ExecutionID, clock(b.Start), a.ExecutionID, clock(end))
		}
	}
}

// stuck finds launches that are, or were, open for longer than allowed after the end of their last run, or after their
// due time if they have not run.
func (k *check) stuck() {
	for _, l := range k.Launches {
		if !l.ScheduledAt.Before(k.To) || l.ScheduledAt.Before(k.From) {
			continue
		}
		over := l.ScheduledAt
		for _, r := range k.runs[l.ScheduledAt.UnixNano()] {
			if end := k.end(r); end.After(over) {
				over = end
			} else if end.IsZero() && r.Start.After(over) {
				over = r.Start
			}
		}
		end, still := k.Read, "still"
		if l.EndedAt != nil {
			end, still = *l.EndedAt, "until then"
		}
		if open := end.Sub(over); open > k.Allow {
			k.wrong(Stuck, l.ScheduledAt, "launch %s was open for %v after the end of its run (%s %s)", l.ID, open.Round(time.Millisecond), still, clock(end))
		}
	}
}

// agreement compares the records of each run with the file, and the file with the recorded runs.
func (k *check) agreement() {
	ran := make(map[string]Run)
	for _, r := range k.Runs {
		ran[r.ExecutionID] = r
		if !k.within(r.Nominal) {
			continue
		}
		if k.launchAt(r.Nominal) == nil {
			k.wrong(Disagrees, r.Nominal, "%s ran, but no launch is recorded", r.ExecutionID)
		}
		e, ok := k.executions[r.ExecutionID]
		switch {
		case !ok:
			k.wrong(Disagrees, r.Nominal, "%s ran, but is not recorded", r.ExecutionID)
		case e.Outcome == "success" && r.End.IsZero():
			k.wrong(Disagrees, r.Nominal, "%s is recorded as a success, but has not ended", r.ExecutionID)
		case e.Outcome == "failed" && !r.End.IsZero():
			k.wrong(Disagrees, r.Nominal, "%s is recorded as failed (%s), but has ended well", r.ExecutionID, e.Error)
		case e.NodeName != r.Node:
			k.wrong(Disagrees, r.Nominal, "%s ran on %s and is recorded on %s", r.ExecutionID, r.Node, e.NodeName)
		}
	}
	for _, e := range k.Executions {
		if _, ok := ran[e.ID]; !ok && e.Outcome == "success" && k.within(e.ScheduledAt) {
			k.wrong(Disagrees, e.ScheduledAt, "%s is recorded as a success, but did not run", e.ID)
		}
	}
}

func (k *check) within(at time.Time) bool { return !at.Before(k.From) && at.Before(k.To) }

// Silence returns the longest time between two successive starts, and when it began. The time before the first start
// and after the last one does not count.
func Silence(runs []Run) (gap time.Duration, from time.Time) {
	starts := make([]time.Time, len(runs))
	for i, r := range runs {
		starts[i] = r.Start
	}
	slices.SortFunc(starts, time.Time.Compare)
	for i := 1; i < len(starts); i++ {
		if d := starts[i].Sub(starts[i-1]); d > gap {
			gap, from = d, starts[i-1]
		}
	}
	return gap, from
}
