package dkron

import (
	"slices"
	"time"

	"dkron/cron"
	"dkron/internal/codec"
)

// Which instants of a job have been decided. Mostly that is all up to its cursor. A wall clock that was ahead, and has
// been put right, leaves a cursor in the future: then the cursor is brought back, and what was launched ahead of its time
// is remembered, so that it is not launched again, while what was only recorded as missed still comes.

// maxSpans bounds the spans that a job remembers. Of more, the earliest two are joined, which mostly lie in the past. What
// lies between them counts as launched: should a cursor be brought back that far, it is passed over, but nothing comes
// twice.
const maxSpans = 4

// Span is the instants in (From, Until].
type Span struct{ From, Until time.Time }

// Fields describes the wire form.
func (s *Span) Fields(w *codec.Wire) {
	w.Time(1, &s.From)
	w.Time(2, &s.Until)
}

func (s Span) has(t time.Time) bool { return t.After(s.From) && !t.After(s.Until) }

// Decided reports whether the instant t of the job has been launched, or is not after the cursor.
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

// Miss moves the cursor to until, over instants that nobody launched.
func (p *Progress) Miss(until time.Time) {
	p.remember()
	p.Cursor, p.Since = until, until
}

// Restart makes now the cursor, wherever that is. What was launched stays decided.
func (p *Progress) Restart(now time.Time) {
	if p.Cursor.After(now) {
		p.TakeNumbers(p.Cursor)
	}
	p.remember()
	p.Cursor, p.Since = now, now
}

// remember keeps the span that ends at the cursor.
func (p *Progress) remember() {
	if !p.Since.Before(p.Cursor) {
		return
	}
	spans := make([]Span, 0, len(p.Launched)+1)
	for _, s := range p.Launched {
		if s.From.Before(p.Since) || s.Until.After(p.Cursor) { // others lie within the new one
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

// TakeNumbers makes further records of instants up to until differ from those that there may be.
func (p *Progress) TakeNumbers(until time.Time) {
	p.Rewinds++
	p.Taken = later(p.Taken, until)
}

// GroupOf returns the group of the launch, or record, of the instant t: its time in Unix nanoseconds, or some nanoseconds
// more where a record made before the cursor was brought back may have that number.
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
