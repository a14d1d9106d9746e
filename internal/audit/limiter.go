package audit

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dkron"
	"dkron/internal/clock"
)

// Limits of what is written of refused requests, so that whoever is refused costs little and can't push out all that was recorded
// before: with 120 records a minute, 100,000 are those of 14 hours.
const (
	perMinute = 120
	period    = time.Minute
)

// limiter bounds records of refused requests. The first of a kind in a minute is written at once. Those that are alike are counted,
// and written as one at the end of the minute. Of more kinds than perMinute there is only a count.
type limiter struct {
	began  time.Time
	recent map[refusal]*repeated
	left   uint64
	server string // of the newest refusal that was left out
}

// refusal is what refused requests have in common that are counted together.
type refusal struct {
	origin dkron.Origin
	action string
	object string
	status uint64
}

type repeated struct {
	record dkron.AuditRecord
	order  int
	more   uint64 // since it was written
}

func newLimiter() limiter { return limiter{recent: make(map[refusal]*repeated)} }

// Refuse notes a request that this server has refused.
func (l *Local) Refuse(r dkron.AuditRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(r.At)
	k := refusal{r.Origin, r.Action, r.Object, r.Status}
	if same := l.recent[k]; same != nil {
		same.more++
		same.record.At = r.At
		return
	}
	if len(l.recent) >= perMinute {
		l.left++
		l.server = r.Origin.Server
		return
	}
	l.recent[k] = &repeated{record: r, order: len(l.recent)}
	l.write(r)
}

// turn ends the minute if it is over. The caller holds mu.
func (l *Local) turn(now time.Time) {
	if d := now.Sub(l.began); d >= 0 && d < period {
		return
	}
	l.flush()
	l.began = now
}

// flush writes what was counted. The caller holds mu.
func (l *Local) flush() {
	var list []*repeated
	for _, one := range l.recent {
		if one.more > 0 {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b *repeated) int { return cmp.Compare(a.order, b.order) })
	for _, one := range list {
		one.record.Count = one.more
		l.write(one.record)
	}
	if l.left > 0 {
		l.write(dkron.AuditRecord{
			At: l.began.Add(period), Origin: dkron.Origin{Server: l.server}, Left: l.left,
			AuditNote: dkron.AuditNote{Kind: dkron.AuditRequest, Detail: "refused requests that have no record, because there were too many"},
		})
	}
	clear(l.recent)
	l.left = 0
}

// Run writes what was counted at the end of each minute, until ctx ends.
func (l *Local) Run(ctx context.Context) {
	tick := time.NewTicker(period / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.mu.Lock()
			l.turn(clock.Now())
			l.mu.Unlock()
		}
	}
}
