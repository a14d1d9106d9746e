package cron

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// dayPhrase says on which days: head goes before times of day ("every day"), tail after a repetition (", Monday to
// Friday"; empty for all days). Months follow either.
type dayPhrase struct{ head, tail, months string }

func (c *calendar) dayWords() dayPhrase {
	r := &c.days
	p := dayPhrase{head: "every day", months: monthWords(c.month)}
	dom, dow := r.dom != allDays, r.dow != allWeek
	if !r.domStar && !r.dowStar && (!dom || !dow) {
		return p // either one suffices, and one of them is every day
	}
	switch {
	case dom && dow:
		p.head = r.domWords(false) + " or " + r.dowWords()
		p.tail = ", " + p.head
	case dom:
		p.head = r.domWords(true)
		p.tail = ", " + p.head
	case dow:
		p.head = r.dowWords()
		p.tail = ", " + p.head
		if words, ranged, ok := r.plainWeek(); ok && ranged {
			p.head, p.tail = "every day from "+words, ", "+words
		} else if ok {
			p.head = "every " + words
		}
	}
	if month, single := one(c.month); single && (!dom || !dow) && (dom || r.dow == 0) {
		if days, ok := strings.CutSuffix(p.head, " of the month"); ok {
			p.head, p.months = days+" of "+monthName(month), ""
			p.tail = ", " + p.head
		}
	}
	return p
}

const (
	allDays  = 1<<32 - 2
	allWeek  = 1<<7 - 1
	allMonth = 1<<13 - 2
)

// domWords describes days of the month.
func (r *dayRule) domWords(alone bool) string {
	special := r.fromEnd != 0 || r.near != 0 || r.nearEnd
	if s, ok := asSeries(uint64(r.dom)); ok && s.step > 1 && !special && alone {
		return "every " + plural(s.step, "day") + " from day " + strconv.Itoa(s.first) + " to " + strconv.Itoa(s.last) + " of the month"
	}
	var words []string
	if r.dom != 0 {
		words = append(words, numbered("day", uint64(r.dom)))
	}
	for left := uint64(r.near); left != 0; left &= left - 1 {
		words = append(words, "the weekday nearest to day "+strconv.Itoa(bits.TrailingZeros64(left)))
	}
	for left := uint64(r.fromEnd) &^ 1; left != 0; left &= left - 1 {
		if n := bits.TrailingZeros64(left); n == 1 {
			words = append(words, "the day before the last day")
		} else {
			words = append(words, "the day "+plural(n, "day")+" before the last day")
		}
	}
	if r.nearEnd {
		words = append(words, "the last weekday")
	}
	if r.fromEnd&1 != 0 {
		words = append(words, "the last day")
	}
	return "on " + join(words) + " of the month"
}

// dowWords describes days of the week.
func (r *dayRule) dowWords() string {
	var words []string
	if r.dow != 0 {
		words = setWords(mondayFirst(r.dow), weekdayName)
	}
	special := false
	for k, days := range r.nth {
		for left := mondayFirst(days); left != 0; left &= left - 1 {
			ordinal := [...]string{"1st", "2nd", "3rd", "4th", "5th"}[k]
			words, special = append(words, "the "+ordinal+" "+weekdayName(bits.TrailingZeros64(left))), true
		}
	}
	for left := mondayFirst(r.last); left != 0; left &= left - 1 {
		words, special = append(words, "the last "+weekdayName(bits.TrailingZeros64(left))), true
	}
	if special {
		return "on " + join(words) + " of the month"
	}
	return "on " + join(words)
}

// plainWeek describes days of the week if each of them counts in every week, and reports whether they are one range.
func (r *dayRule) plainWeek() (words string, ranged, ok bool) {
	if r.dow == 0 || r.last != 0 || r.nth != [5]uint32{} {
		return "", false, false
	}
	list := setWords(mondayFirst(r.dow), weekdayName)
	return join(list), len(list) == 1 && bits.OnesCount32(r.dow) > 1, true
}

// mondayFirst moves Sunday to the end.
func mondayFirst(week uint32) uint64 { return uint64(week>>1 | week&1<<6) }

func weekdayName(fromMonday int) string { return time.Weekday((fromMonday + 1) % 7).String() }

func monthName(month int) string { return time.Month(month).String() }

// monthWords describes months, to follow all other words; "" for all of them.
func monthWords(mask uint64) string {
	if mask == allMonth {
		return ""
	}
	words := setWords(mask, monthName)
	if len(words) == 1 && bits.OnesCount64(mask) > 1 {
		return ", from " + words[0]
	}
	return ", in " + join(words)
}
