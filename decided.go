package dkron

import (
	"slices"
	"time"

	"dkron/cron"
	"dkron/internal/codec"
)

// Which instants of a job have been decided. Usually these are all instants up to its cursor. If a wall clock was ahead
// and is corrected, a cursor lies in the future: then it is moved back. What was launched too early is remembered and
// not launched again, while what was only recorded as missed still runs.

// maxSpans bounds the spans that a job remembers. When there are more, the earliest two are joined; they usually lie in
// the past. The instants between them then count as launched: if a cursor is moved back that far, they are passed over,
// but nothing is launched twice.
const maxSpans = 4

// Span is the instants in (From, Until].
type Span struct{ From, Until time.Time }

// Fields describes the wire form.
func (s *Span) Fields(w *codec.Wire) {
	w.Time(1, &s.From)
	w.Time(2, &s.Until)
}

func (s Span) has(t time.Time) bool { return t.After(s.From) && !t.After(s.Until) }

// Decided reports whether the instant t was launched or is not after the cursor.
func (p *Progress) Decided(t time.Time) bool {
	if !t.After(p.Cursor) {
		return true
	}
	for _, s := range p.Launched {
		if s.has(t) {
			return true
		}
	}
	return false
}

// NextDue returns the job's first instant after t that has not been decided, the zero time if there is none.
func (p *Progress) NextDue(j *Job, s *cron.Schedule, t time.Time) time.Time {
	next := j.After(s, t)
	for again := true; again && !next.IsZero(); {
		again = false
		for _, span := range p.Launched {
			if span.has(next) {
				next, again = j.After(s, span.Until), true
			}
		}
	}
	return next
}

// Miss moves the cursor to until, past instants that were not launched.
func (p *Progress) Miss(until time.Time) {
	p.remember()
	p.Cursor, p.Since = until, until
}

// Restart sets the cursor to now, forward or back. What was launched stays decided.
func (p *Progress) Restart(now time.Time) {
	if p.Cursor.After(now) {
		p.TakeNumbers(p.Cursor)
	}
	p.remember()
	p.Cursor, p.Since = now, now
}

// remember adds the span that ends at the cursor.
func (p *Progress) remember() {
	if !p.Since.Before(p.Cursor) {
		return
	}
	spans := make([]Span, 0, len(p.Launched)+1)
	for _, s := range p.Launched {
		if s.From.Before(p.Since) || s.Until.After(p.Cursor) { // the others lie within the new one
			spans = append(spans, s)
		}
	}
	spans = append(spans, Span{p.Since, p.Cursor})
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	if len(spans) > maxSpans {
		spans[1] = Span{earlier(spans[0].From, spans[1].From), later(spans[0].Until, spans[1].Until)}
		spans = spans[1:]
	}
	p.Launched = spans
}

// TakeNumbers makes records of instants up to until get numbers that differ from those of existing records.
func (p *Progress) TakeNumbers(until time.Time) {
	p.Rewinds++
	p.Taken = later(p.Taken, until)
}

// GroupOf returns the group of the launch, or record, of the instant t: its time in Unix nanoseconds, plus some
// nanoseconds where a record from before the cursor was moved back may have that number.
func (p *Progress) GroupOf(t time.Time) int64 {
	if t.After(p.Taken) {
		return t.UnixNano()
	}
	return t.UnixNano() + int64(p.Rewinds)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
