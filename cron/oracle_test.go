package cron_test

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"dkron/cron"
)

// The oracle is the definition in the package comment, taken literally: it looks at every moment of a window, one after
// the other. Its schedules are predicates that were never parsed.

// moment is an instant and the local time that a clock on the wall shows.
type moment struct {
	unix  int64
	civil time.Time // local time, written down as if it were UTC
}

// momentsOf lists the instants [from, to] in steps of step seconds.
func momentsOf(loc *time.Location, from, to, step int64) []moment {
	var all []moment
	for u := from; u <= to; u += step {
		local := time.Unix(u, 0).In(loc)
		year, month, day := local.Date()
		hour, minute, second := local.Clock()
		all = append(all, moment{u, time.Date(year, month, day, hour, minute, second, 0, time.UTC)})
	}
	return all
}

// predicate reports whether a field allows a local time.
type predicate func(civil time.Time) bool

type oracleField struct {
	text        string
	allows      predicate
	star, plain bool
}

// oracle is a schedule: second, minute, hour, day of month, month, weekday.
type oracle struct {
	fields  [6]oracleField
	gap     cron.Gap
	overlap cron.Overlap
}

func (o *oracle) text() string {
	var words []string
	for _, f := range o.fields {
		words = append(words, f.text)
	}
	return strings.Join(words, " ")
}

func (o *oracle) matches(civil time.Time) bool {
	for _, i := range []int{0, 1, 2, 4} {
		if !o.fields[i].allows(civil) {
			return false
		}
	}
	dom, dow := o.fields[3], o.fields[5]
	if dom.star || dow.star {
		return dom.allows(civil) && dow.allows(civil)
	}
	return dom.allows(civil) || dow.allows(civil)
}

// instants lists the Unix seconds at which the schedule fires in the window.
func (o *oracle) instants(window []moment, step int64) []int64 {
	seen := map[time.Time]bool{}
	fixed := o.fields[0].plain && o.fields[1].plain && o.fields[2].plain
	var fires []int64
	for _, m := range window {
		if !o.matches(m.civil) {
			continue
		}
		if !fixed || o.overlap == cron.OverlapBoth || !seen[m.civil] {
			fires = append(fires, m.unix)
		}
		seen[m.civil] = true
	}
	if fixed && o.gap == cron.GapAfter {
		tick := time.Duration(step) * time.Second
		for i := 1; i < len(window); i++ {
			for skipped := window[i-1].civil.Add(tick); skipped.Before(window[i].civil); skipped = skipped.Add(tick) {
				if o.matches(skipped) && !seen[skipped] {
					fires = append(fires, window[i].unix)
					seen[skipped] = true
				}
			}
		}
	}
	slices.Sort(fires)
	return slices.Compact(fires)
}

// dayAfter is the first matching day after start, at its time of day, or the zero Time if there is none within 45
// years.
func (o *oracle) dayAfter(start time.Time) time.Time {
	at := start
	for range 45 * 366 {
		if at = at.AddDate(0, 0, 1); o.matches(at) {
			return at
		}
	}
	return time.Time{}
}

// drawOracle draws a schedule that is likely to be due around the local time
// around. With wholeMinutes its second is 0.
func drawOracle(t *rapid.T, around time.Time, wholeMinutes bool) *oracle {
	o := &oracle{
		gap:     rapid.SampledFrom([]cron.Gap{cron.GapAfter, cron.GapSkip}).Draw(t, "gap"),
		overlap: rapid.SampledFrom([]cron.Overlap{cron.OverlapFirst, cron.OverlapBoth}).Draw(t, "overlap"),
	}
	part := func(get func(time.Time) int) predicateOf {
		return func(allow func(int) bool) predicate {
			return func(civil time.Time) bool { return allow(get(civil)) }
		}
	}
	second := numbers{"second", 0, 59, around.Second(), part(time.Time.Second), nil}
	minute := numbers{"minute", 0, 59, around.Minute(), part(time.Time.Minute), nil}
	hour := numbers{"hour", 0, 23, around.Hour(), part(time.Time.Hour), nil}
	dom := numbers{"dom", 1, 31, around.Day(), part(time.Time.Day), drawSpecialDom}
	month := numbers{"month", 1, 12, int(around.Month()), part(func(c time.Time) int { return int(c.Month()) }), nil}
	dow := numbers{"dow", 0, 6, int(around.Weekday()), part(func(c time.Time) int { return int(c.Weekday()) }), drawSpecialDow}
	if wholeMinutes {
		o.fields[0] = oracleField{"0", func(c time.Time) bool { return c.Second() == 0 }, false, true}
	} else {
		o.fields[0] = second.draw(t, 3)
	}
	o.fields[1] = minute.draw(t, 3)
	o.fields[2] = hour.draw(t, 3)
	o.fields[3] = dom.draw(t, 6)
	o.fields[4] = month.draw(t, 8)
	o.fields[5] = dow.draw(t, 6)
	return o
}

type predicateOf func(allow func(int) bool) predicate

// numbers draws one kind of field.
type numbers struct {
	name     string
	min, max int
	near     int // a value to prefer
	of       predicateOf
	special  func(t *rapid.T) oracleField
}

// draw draws a list; in stars of ten cases it is just a *.
func (n numbers) draw(t *rapid.T, stars int) oracleField {
	if rapid.IntRange(1, 10).Draw(t, n.name+" star") <= stars {
		return oracleField{text: "*", allows: n.of(func(int) bool { return true }), star: true}
	}
	list := []oracleField{}
	for range rapid.IntRange(1, 3).Draw(t, n.name+" entries") {
		list = append(list, n.entry(t))
	}
	all := oracleField{plain: true, allows: func(c time.Time) bool {
		return slices.ContainsFunc(list, func(e oracleField) bool { return e.allows(c) })
	}}
	var words []string
	for _, e := range list {
		words = append(words, e.text)
		all.star = all.star || e.star
		all.plain = all.plain && e.plain
	}
	all.text = strings.Join(words, ",")
	return all
}

func (n numbers) value(t *rapid.T) int {
	if rapid.Bool().Draw(t, n.name+" near") {
		return min(n.max, max(n.min, n.near+rapid.IntRange(-1, 1).Draw(t, n.name+" off")))
	}
	return rapid.IntRange(n.min, n.max).Draw(t, n.name)
}

func (n numbers) entry(t *rapid.T) oracleField {
	if n.special != nil && rapid.IntRange(0, 2).Draw(t, n.name+" special") == 0 {
		return n.special(t)
	}
	a, b := n.value(t), n.value(t)
	a, b = min(a, b), max(a, b)
	step := rapid.IntRange(1, n.max+3).Draw(t, n.name+" step")
	stepping := func(from, to int) predicate {
		return n.of(func(v int) bool { return from <= v && v <= to && (v-from)%step == 0 })
	}
	switch rapid.IntRange(0, 7).Draw(t, n.name+" form") {
	case 0:
		return oracleField{text: sprint("*/", step), allows: stepping(n.min, n.max), star: step == 1}
	case 1:
		return oracleField{text: sprint(a, "-", b, "/", step), allows: stepping(a, b)}
	case 2:
		return oracleField{text: sprint(a, "/", step), allows: stepping(a, n.max)}
	case 3:
		return oracleField{text: sprint(a, "-", b), allows: n.of(func(v int) bool { return a <= v && v <= b })}
	}
	return oracleField{text: sprint(a), allows: n.of(func(v int) bool { return v == a }), plain: true}
}

// daysLeft is the number of days of the month after the day of c.
func daysLeft(c time.Time) int {
	n := 0
	for d := c.AddDate(0, 0, 1); d.Month() == c.Month(); d = d.AddDate(0, 0, 1) {
		n++
	}
	return n
}

// isNearestWeekday reports whether c is a weekday of the same month as day and none is nearer to day. (Two are never
// equally near: Friday and Monday are one and two days from Saturday, two and one from Sunday.)
func isNearestWeekday(c time.Time, day int) bool {
	length := c.Day() + daysLeft(c)
	if day > length {
		return false
	}
	best, distance := 0, 99
	for d := 1; d <= length; d++ {
		weekday := c.AddDate(0, 0, d-c.Day()).Weekday()
		if away := max(d-day, day-d); weekday != time.Saturday && weekday != time.Sunday && away < distance {
			best, distance = d, away
		}
	}
	return c.Day() == best
}

func drawSpecialDom(t *rapid.T) oracleField {
	n := rapid.IntRange(1, 31).Draw(t, "n")
	switch rapid.IntRange(0, 3).Draw(t, "special dom") {
	case 0:
		return oracleField{text: "L", allows: func(c time.Time) bool { return daysLeft(c) == 0 }}
	case 1:
		n = min(n, 30)
		return oracleField{text: sprint("L-", n), allows: func(c time.Time) bool { return daysLeft(c) == n }}
	case 2:
		return oracleField{text: "LW", allows: func(c time.Time) bool { return isNearestWeekday(c, c.Day()+daysLeft(c)) }}
	}
	return oracleField{text: sprint(n, "W"), allows: func(c time.Time) bool { return isNearestWeekday(c, n) }}
}

func drawSpecialDow(t *rapid.T) oracleField {
	w, k := rapid.IntRange(0, 6).Draw(t, "w"), rapid.IntRange(1, 5).Draw(t, "k")
	name := []string{"SUN", "mon", "Tue", "3", "4", "FRI", "sat"}[w]
	if rapid.Bool().Draw(t, "last") {
		return oracleField{text: name + "L", allows: func(c time.Time) bool { return int(c.Weekday()) == w && daysLeft(c) < 7 }}
	}
	return oracleField{text: sprint(name, "#", k), allows: func(c time.Time) bool { return int(c.Weekday()) == w && (c.Day()-1)/7+1 == k }}
}
