package index

import (
	"encoding/binary"
	"math"
	"time"
)

// order compares jobs by a key, and if that leaves them equal by further keys, one per level. Jobs that are equal on
// all levels are sorted by name.
type order interface {
	// number sets the keys of one level for rows that are equal up to it. A row's job is jobs[row.at].
	number(rows []row, jobs []Found, level int)
	// more reports whether there is a further level for rows that all have this key.
	more(k key) bool
}

// key is three numbers, the first of which is the most significant.
type key struct{ first, second, third uint64 }

func (k key) less(other key) bool {
	switch {
	case k.first != other.first:
		return k.first < other.first
	case k.second != other.second:
		return k.second < other.second
	}
	return k.third < other.third
}

// Order is the order of a list of jobs. The zero value is by name, which is also the order of equal jobs.
type Order struct {
	by order
	at func(*Entry) time.Time // of an order by a time that a job may not have
}

// orders are the fields by which jobs can be sorted.
var orders = []struct {
	field string
	order Order
}{
	{"id", Order{}},
	{"name", Order{}},
	{"displayname", Order{by: textOrder((*Definition).Folded)}},
	{"schedule", Order{by: textOrder(func(d *Definition) string { return d.Schedule })}},
	{"success_count", Order{by: keyOrder(func(job Found) key { return key{first: job.Entry.SuccessCount} })}},
	{"error_count", Order{by: keyOrder(func(job Found) key { return key{first: job.Entry.ErrorCount} })}},
	{"last_success", Order{timeOrder((*Entry).LastSuccess, lastKey), (*Entry).LastSuccess}},
	{"last_error", Order{timeOrder((*Entry).LastError, lastKey), (*Entry).LastError}},
	{"next", Order{timeOrder(next, timeKey), next}},
	{"owner", Order{by: textOrder(func(d *Definition) string { return d.Owner })}},
	{"executor", Order{by: textOrder(func(d *Definition) string { return d.Executor })}},
	{"updated_at", Order{by: keyOrder(func(job Found) key { return key{first: uint64(max(job.Definition.Updated, 0))} })}},
}

func next(e *Entry) time.Time { return e.Next }

// health is the field of the one order that depends on the time.
const health = "health"

// OrderBy returns the order by a field of a job, as the API names it, at a time.
func OrderBy(field string, now time.Time) (o Order, known bool) {
	if field == health {
		return byHealth(now), true
	}
	for _, one := range orders {
		if one.field == field {
			return one.order, true
		}
	}
	return Order{}, false
}

// OrderFields returns the fields that OrderBy knows.
func OrderFields() (fields []string) {
	for _, one := range orders {
		fields = append(fields, one.field)
	}
	return append(fields, health)
}

// Nulls returns the order with the jobs that lack its time at the end or at the start of an ascending list. An order by
// a field that every job has is unchanged.
func (o Order) Nulls(last bool) Order {
	switch {
	case o.at == nil:
		return o
	case last:
		return Order{timeOrder(o.at, lastKey), o.at}
	}
	return Order{timeOrder(o.at, timeKey), o.at}
}

// keyOrder is an order with a single level.
type keyOrder func(job Found) key

func (o keyOrder) number(rows []row, jobs []Found, _ int) {
	for i := range rows {
		rows[i].key = o(jobs[rows[i].at])
	}
}

func (keyOrder) more(key) bool { return false }

func timeOrder(at func(*Entry) time.Time, of func(time.Time) key) keyOrder {
	return func(job Found) key { return of(at(job.Entry)) }
}

// timeKey sorts the zero time before any other.
func timeKey(t time.Time) key {
	seconds := t.Unix() - time.Time{}.Unix()
	return key{first: uint64(max(seconds, 0)), second: uint64(t.Nanosecond())}
}

// lastKey sorts the zero time after any other.
func lastKey(t time.Time) key {
	if t.IsZero() {
		return key{first: math.MaxUint64}
	}
	return timeKey(t)
}

// textOrder is an order by the bytes of a text, 23 per level. The 24th byte of a key is the number of bytes, so that a
// text sorts before those that it begins.
type textOrder func(d *Definition) string

const textStep = 23

// number finds the texts in one loop and reads them in another, so that the processor waits for many of them at once.
func (o textOrder) number(rows []row, jobs []Found, level int) {
	var texts [256]string
	for len(rows) > 0 {
		part := rows[:min(len(rows), len(texts))]
		rows = rows[len(part):]
		for i := range part {
			s := o(jobs[part[i].at].Definition)
			texts[i] = s[min(len(s), textStep*level):]
		}
		for i := range part {
			if s := texts[i]; s != "" {
				part[i].key.first = uint64(s[0])
			}
		}
		for i := range part {
			part[i].key = textKey(texts[i])
		}
	}
}

func textKey(s string) key {
	if len(s) > textStep {
		return key{eightBytes(s), eightBytes(s[8:]), eightBytes(s[16:])&^0xff | (textStep + 1)}
	}
	var b [24]byte
	copy(b[:], s)
	b[textStep] = byte(len(s))
	return key{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:16]), binary.BigEndian.Uint64(b[16:])}
}

// eightBytes reads in one go what encoding/binary would have to copy out of a string.
func eightBytes(s string) uint64 {
	_ = s[7]
	return uint64(s[7]) | uint64(s[6])<<8 | uint64(s[5])<<16 | uint64(s[4])<<24 |
		uint64(s[3])<<32 | uint64(s[2])<<40 | uint64(s[1])<<48 | uint64(s[0])<<56
}

func (textOrder) more(k key) bool { return k.third&0xff > textStep }

// arrivalOrder is the order of names: rows are added in it.
type arrivalOrder struct{}

func (arrivalOrder) number(rows []row, _ []Found, _ int) {
	for i := range rows {
		rows[i].key = key{first: uint64(rows[i].at)}
	}
}

func (arrivalOrder) more(key) bool { return false }
