package httpapi

import (
	"encoding/binary"
	"math"
	"net/http"
	"strings"
	"time"

	"dkron/internal/state"
)

// order says where jobs belong in a list: by a key, and if that leaves it open by further keys, a level each. Jobs that
// are equal on all levels go by name.
type order interface {
	// number gives rows that are equal up to level their keys of that level.
	number(rows []row, level int)
	// more reports whether there is a further level for rows that all have this key.
	more(k key) bool
}

// key is two numbers, the first of which counts more.
type key struct{ high, low uint64 }

func (k key) less(other key) bool {
	return k.high < other.high || k.high == other.high && k.low < other.low
}

// orders are what jobs can be sorted by; nil is by name alone.
var orders = []struct {
	field string
	by    order
}{
	{"id", nil},
	{"name", nil},
	{"displayname", textOrder((*state.Definition).Folded)},
	{"schedule", textOrder(func(d *state.Definition) string { return d.Schedule })},
	{"success_count", keyOrder(func(job state.Found) key { return key{high: job.Entry.SuccessCount} })},
	{"error_count", keyOrder(func(job state.Found) key { return key{high: job.Entry.ErrorCount} })},
	{"last_success", keyOrder(func(job state.Found) key { return lastKey(job.Entry.LastSuccess) })},
	{"last_error", keyOrder(func(job state.Found) key { return lastKey(job.Entry.LastError) })},
	{"next", keyOrder(func(job state.Found) key { return timeKey(job.Entry.Next) })},
	{"owner", textOrder(func(d *state.Definition) string { return d.Owner })},
	{"executor", textOrder(func(d *state.Definition) string { return d.Executor })},
	{"updated_at", keyOrder(func(job state.Found) key { return key{high: uint64(max(job.Definition.Updated, 0))} })},
}

// parseOrder returns the order that _sort names; none is by name.
func parseOrder(field string) (order, error) {
	var known []string
	for _, o := range orders {
		if o.field == field || field == "" {
			return o.by, nil
		}
		known = append(known, o.field)
	}
	return nil, unknownSort(field, strings.Join(known, ", "))
}

func unknownSort(field, known string) error {
	return refuse(http.StatusBadRequest, "_sort by %q is not possible, use one of %s", shorten(field), known)
}

// keyOrder is an order by numbers that say all.
type keyOrder func(job state.Found) key

func (o keyOrder) number(rows []row, _ int) {
	for i := range rows {
		rows[i].key = o(rows[i].job)
	}
}

func (keyOrder) more(key) bool { return false }

// timeKey puts no time at all before any other.
func timeKey(t time.Time) key {
	seconds := t.Unix() - time.Time{}.Unix()
	return key{uint64(max(seconds, 0)), uint64(t.Nanosecond())}
}

// lastKey puts what never happened behind all that did.
func lastKey(t time.Time) key {
	if t.IsZero() {
		return key{high: math.MaxUint64}
	}
	return timeKey(t)
}

// textOrder is an order by the bytes of a text, fifteen a level. The sixteenth of a key is how many there were, so that
// a text comes before those that it begins.
type textOrder func(d *state.Definition) string

const textStep = 15

func (o textOrder) number(rows []row, level int) {
	var texts [256]string // found in one loop and read in another: see sieve in package state
	for len(rows) > 0 {
		part := rows[:min(len(rows), len(texts))]
		rows = rows[len(part):]
		for i := range part {
			texts[i] = o(part[i].job.Definition)
		}
		for i := range part {
			part[i].key = textKey(texts[i], level)
		}
	}
}

func textKey(s string, level int) key {
	s = s[min(len(s), textStep*level):]
	var b [16]byte
	copy(b[:textStep], s)
	b[textStep] = byte(min(len(s), textStep+1))
	return key{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func (textOrder) more(k key) bool { return k.low&0xff > textStep }

// arrivalOrder is the order of names: rows are added in it.
type arrivalOrder struct{}

func (arrivalOrder) number(rows []row, _ int) {
	for i := range rows {
		rows[i].key = key{high: uint64(rows[i].at)}
	}
}

func (arrivalOrder) more(key) bool { return false }
