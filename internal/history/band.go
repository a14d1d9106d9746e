package history

import (
	"cmp"
	"slices"
	"time"

	"dkron"
)

// Band is launches of a job that followed each other closely.
type Band struct {
	At     time.Time         `json:"at"`    // when the first of them began
	Until  time.Time         `json:"until"` // when the last of them ended
	Count  int               `json:"count"`
	Bad    int               `json:"bad"`    // of them, those that did not do what they should
	Busy   float64           `json:"busy"`   // seconds that they took, summed up
	State  dkron.LaunchState `json:"state"`  // the worst of theirs
	Launch string            `json:"launch"` // id of the newest in that state
}

// worst is the states of a launch, the worst first: what a person at night must not overlook hides what is fine.
var worst = []dkron.LaunchState{
	dkron.LaunchFailed, dkron.LaunchTimedOut, dkron.LaunchLost, dkron.LaunchNoTarget, dkron.LaunchMissed, dkron.LaunchStopped,
	dkron.LaunchSkipped, dkron.LaunchRunning, dkron.LaunchWaiting, dkron.LaunchQueued, dkron.LaunchSuccess,
}

// bad is how many of worst did not do what they should, by no person's or policy's wish.
const bad = 5

// rank returns the position of a state in worst. A state that is not known to this version is as bad as a success.
func rank(s dkron.LaunchState) uint8 {
	if i := slices.Index(worst, s); i >= 0 {
		return uint8(i)
	}
	return uint8(len(worst) - 1)
}

// Parts of a summary that bound its memory and what is drawn of it.
const (
	parts    = 256     // of a period: narrower bands would look the same on a screen
	single   = 20      // launches of a job that are not joined to bands
	mostHeld = 400_000 // launches and parts of bands in memory
)

// dot is one launch or execution of a summary, or several of one slot.
type dot struct {
	record      uint64 // of the history, 0 if it has not ended; only of a single launch
	number      uint64 // of a launch that has not ended
	group       int64
	from, until int64 // nanoseconds since 1970
	slot        int32
	busy        int64 // nanoseconds, summed up
	count, bad  int32
	rank        uint8
	open        bool
	job         uint64           // its number, where dots of several jobs are together
	running     *dkron.Execution // one that has not ended
}

// grid divides a period into slots of equal length.
type grid struct {
	from int64 // nanoseconds since 1970
	gap  time.Duration
	most time.Duration // a slot as long as the period
}

func newGrid(from, until time.Time) grid {
	if from.Unix() < 0 { // nothing ended then, and nanoseconds would not reach that far
		from = time.Unix(0, 0)
	}
	span := until.Sub(from)
	return grid{from.UnixNano(), max(span/parts, time.Second).Round(time.Second), span}
}

func (g *grid) slot(at int64) int32 { return int32(max(0, at-g.from) / int64(g.gap)) }

// join makes dots into one per slot, newest first.
func join(dots []dot) []dot {
	slices.SortStableFunc(dots, func(a, b dot) int { return cmp.Compare(b.slot, a.slot) })
	out := dots[:0]
	for _, d := range dots {
		if last := len(out) - 1; last >= 0 && out[last].slot == d.slot {
			out[last].take(&d)
		} else {
			out = append(out, d)
		}
	}
	return out
}

// take adds the launches of another dot, which are older. The dot names the newest launch in the worst state.
func (d *dot) take(o *dot) {
	d.from, d.until = min(d.from, o.from), max(d.until, o.until)
	d.count, d.bad, d.busy = d.count+o.count, d.bad+o.bad, d.busy+o.busy
	if o.rank < d.rank {
		d.rank, d.group, d.record, d.number, d.open, d.job, d.running = o.rank, o.group, o.record, o.number, o.open, o.job, o.running
	}
}

// put adds a launch to dots that are one per slot, newest first. Most launches are older than those that were added before.
func put(dots []dot, d *dot) []dot {
	at, found := slices.BinarySearchFunc(dots, d.slot, func(e dot, slot int32) int { return cmp.Compare(slot, e.slot) })
	if found {
		dots[at].take(d)
		return dots
	}
	return slices.Insert(dots, at, *d)
}

// bands joins neighbours among dots, newest first, that have the same worst state. It returns them oldest first.
// id returns the id of a dot's launch.
func bands(dots []dot, id func(*dot) string) []Band {
	out := make([]Band, 0, runs(dots))
	var from, until int64
	for i := len(dots) - 1; i >= 0; i-- {
		d := &dots[i]
		if i == len(dots)-1 || !follows(d, &dots[i+1]) {
			out = append(out, Band{State: worst[d.rank]})
			from, until = d.from, d.until
		}
		from, until = min(from, d.from), max(until, d.until)
		b := &out[len(out)-1]
		b.At, b.Until = moment(from), moment(until)
		b.Count, b.Bad, b.Busy = b.Count+int(d.count), b.Bad+int(d.bad), b.Busy+time.Duration(d.busy).Seconds()
		b.Launch = id(d)
	}
	return out
}

// runs returns how many bands the dots become.
func runs(dots []dot) (n int) {
	for i := range dots {
		if i == 0 || !follows(&dots[i-1], &dots[i]) {
			n++
		}
	}
	return n
}

// follows reports whether two dots, one per slot, are of one band.
func follows(d, before *dot) bool { return d.rank == before.rank && d.slot == before.slot+1 }

func moment(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }
