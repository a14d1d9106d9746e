package vitals

import (
	"time"

	"dkron"
)

// A figure becomes high at the first share and stays high until it is below the second, so that one near the border does
// not flap.
const (
	highFrom, highUntil = 0.9, 0.8
	// Of the load average of a minute: running and waiting threads per CPU.
	crowdFrom, crowdUntil = 2.0, 1.5
)

// judge remembers since when figures have been high.
type judge struct{ since map[dkron.HighWhat]time.Time }

// judge returns what is high. began is when what it judges began.
func (j *judge) judge(l *dkron.NodeLoad, began time.Time) (high []dkron.High) {
	if j.since == nil {
		j.since = make(map[dkron.HighWhat]time.Time)
	}
	look := func(what dkron.HighWhat, part, all uint64, from, until float64) {
		share := 0.0
		if all > 0 {
			share = float64(part) / float64(all)
		}
		since, was := j.since[what]
		switch {
		case share >= from && !was:
			since = began
			j.since[what] = since
		case share < until || all == 0:
			delete(j.since, what)
			return
		case !was:
			return
		}
		high = append(high, dkron.High{What: what, Since: since})
	}
	look(dkron.HighCPU, l.CPU, l.CPUs, highFrom, highUntil)
	look(dkron.HighMemory, l.MemoryUsed, l.MemoryTotal, highFrom, highUntil)
	if len(l.Averages) > 0 {
		look(dkron.HighLoad, l.Averages[0], l.CPUs, crowdFrom, crowdUntil)
	}
	return high
}
