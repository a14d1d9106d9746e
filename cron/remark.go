package cron

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Remark is something in a schedule that is probably a mistake.
type Remark struct {
	Never bool   // the schedule never fires
	Text  string // continues "schedule ": what happens, and what would be right
	short string // what the words of Describe leave out; "" for nothing
}

// Remarks finds what never fires, or fires differently than it seems to. It depends only on the text and opt, not on
// the time of day. A text that can't be parsed has no remarks.
func Remarks(text string, opt Options) []Remark {
	s, err := Parse(text, opt)
	if err != nil {
		return nil
	}
	_, rest := cutZone(strings.TrimSpace(text))
	switch {
	case s.kind == KindEvery:
		return everyRemarks(rest)
	case s.kind != KindCron || strings.HasPrefix(rest, "@"):
		return nil
	}
	if _, ok := s.cal.next(0); !ok {
		return []Remark{{Never: true, Text: "never fires: no year has such a day", short: "no year has such a day"}}
	}
	fields := strings.Fields(rest)
	if len(fields) == 5 {
		fields = append([]string{"0"}, fields...)
	}
	var remarks []Remark
	for i, text := range fields {
		f := &steps{field{bounds: allBounds[i]}, i, hash(opt.Name)}
		remarks = append(remarks, f.remarks(text)...)
	}
	for i := range 2 {
		if r := floodRemark(fields, i); r != nil {
			remarks = append(remarks, *r)
		}
	}
	if r := s.cal.shortMonthRemark(fields[3]); r != nil {
		remarks = append(remarks, *r)
	}
	return remarks
}

func everyRemarks(text string) []Remark {
	_, argument, _ := strings.Cut(text, " ")
	d, err := time.ParseDuration(argument)
	switch {
	case err != nil:
	case d <= 0:
		r := Remark{
			Text:  fmt.Sprintf("fires every second, since %s is less than that; write an interval such as @every 5m", argument),
			short: argument + " is less than that",
		}
		if d < 0 {
			r.Text = fmt.Sprintf("fires every second, since %s is less than that; did you mean @every %s?", argument, strings.TrimPrefix(argument, "-"))
		}
		return []Remark{r}
	case d%time.Second != 0:
		return []Remark{{Text: fmt.Sprintf("fires every %s, not every %s: intervals are at least a second, in whole seconds",
			max(d.Truncate(time.Second), time.Second), argument)}}
	}
	return nil
}

// unitNames are the units of the fields, and the period after which each starts again.
var unitNames = [6]struct{ one, anew, letter string }{
	{"second", "every minute", "s"}, {"minute", "every hour", "m"}, {"hour", "every day", "h"},
	{"day", "every month", ""}, {"month", "every year", ""}, {"weekday", "every week", ""},
}

// steps finds what is odd about the steps of a field.
type steps struct {
	field
	index int
	hash  uint64
}

func (f *steps) remarks(text string) (out []Remark) {
	for entry := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(strings.ToUpper(f.expand(entry, f.hash)), "/")
		step, err := strconv.Atoi(stepText)
		if !stepped || err != nil {
			continue
		}
		from, to := f.min, f.max
		low, high, ranged := strings.Cut(span, "-")
		if span != "*" && span != "?" {
			from, _ = f.value(low)
		}
		if ranged {
			to, _ = f.value(high)
		}
		size := f.max - f.min + 1
		uneven := size%step != 0 || f.index == 3 // months have different lengths
		switch {
		case step > to-from && (step != size || ranged || uneven):
			out = append(out, f.single(entry, from, step))
		case uneven && !ranged && from < f.min+step && text == entry:
			out = append(out, f.anew(entry, from, step))
		}
	}
	return out
}

// single is the remark on a step of which only the first value lies within the field.
func (f *steps) single(entry string, from, step int) Remark {
	unit := unitNames[f.index]
	only := fmt.Sprintf("%s is only %s %d", entry, unit.one, from)
	r := Remark{Text: "has a step longer than its field: " + only, short: only}
	if unit.letter != "" && !strings.Contains(entry, "-") {
		r.Text += fmt.Sprintf(", so it does not fire every %d %ss; write @every %d%s for that", step, unit.one, step, unit.letter)
	}
	return r
}

// anew is the remark on a step that does not divide its field.
func (f *steps) anew(entry string, from, step int) Remark {
	unit := unitNames[f.index]
	last := from + (f.max-from)/step*step
	text := fmt.Sprintf("does not fire every %d %ss: %s starts again %s, so %s %d is followed by %s %d",
		step, unit.one, entry, unit.anew, unit.one, last, unit.one, from)
	switch {
	case unit.letter != "":
		text += fmt.Sprintf("; write @every %d%s for equal intervals", step, unit.letter)
	case f.index == 3:
		text += fmt.Sprintf("; write @every %dh for equal intervals", 24*step)
	}
	return Remark{Text: text}
}

// floodRemark is on a field that is * before one that is a single number: whoever wants one run a day writes the
// smaller unit as a number too.
func floodRemark(fields []string, i int) *Remark {
	if n, err := strconv.Atoi(fields[i+1]); fields[i] == "*" && err == nil {
		small, large := unitNames[i].one, unitNames[i+1].one
		return &Remark{Text: fmt.Sprintf("fires at every %s of %s %d; write 0 as the %s if it is to fire once", small, large, n, small)}
	}
	return nil
}

// shortMonthRemark is on a day that some of the months lack.
func (c *calendar) shortMonthRemark(text string) *Remark {
	r := &c.days
	day := 31 - bits.LeadingZeros32(r.dom)
	if !r.dowStar || day < 29 || r.fromEnd != 0 || r.near != 0 || r.nearEnd {
		return nil
	}
	listed := false // not within a range or step: those are not meant to fire every month
	for entry := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(entry)
		listed = listed || err == nil && n == day
	}
	var lacking uint64
	for month := 1; month <= 12; month++ {
		if c.month>>month&1 != 0 && lengthOf(1999, month) < day {
			lacking |= 1 << month
		}
	}
	if !listed || lacking == 0 || lacking == c.month {
		return nil
	}
	months := fmt.Sprintf("in %s", join(setWords(lacking, monthName)))
	if day == 29 {
		months += " except in leap years"
	}
	return &Remark{Text: fmt.Sprintf("does not fire on day %d %s; write L for the last day of each month", day, months)}
}
