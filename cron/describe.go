package cron

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Describe puts a schedule into English words for people: short, but never wrong. A schedule without a shorter wording
// is spelled out field by field. The result is "" if text is not a schedule.
//
// The words describe the text alone: not the job's zone or daylight-saving policy, nor the number that a ~ is replaced by.
func Describe(text string) string {
	s, err := Parse(text, Options{})
	if err != nil {
		return ""
	}
	prefix, rest := cutZone(strings.TrimSpace(text))
	var words string
	switch s.kind {
	case KindManual:
		words = "only by hand"
	case KindEvery:
		words = "every " + everyWords(s.interval)
	case KindAt:
		words = "once, on " + instantWords(s.instant)
	case KindAfter:
		words = "once, on " + instantWords(s.instant) + ", or at once if stored within " + durationWords(s.grace) + " after that"
	default:
		words = fieldWords(rest, &s.cal)
	}
	if !strings.Contains(rest, "~") { // the number that replaces a ~ is unknown here
		words = remarked(words, Remarks(text, Options{}))
	}
	first, size := utf8.DecodeRuneInString(words)
	words = string(unicode.ToUpper(first)) + words[size:]
	if _, zone, ok := strings.Cut(prefix, "="); ok {
		words += " (" + zone + ")"
	}
	return words
}

// remarked adds remarks to words that would otherwise hide them.
func remarked(words string, remarks []Remark) string {
	var left []string
	for _, r := range remarks {
		if r.Never {
			return "never: " + r.short + " (" + words + ")"
		}
		if r.short != "" {
			left = append(left, r.short)
		}
	}
	if len(left) > 0 {
		words += " (" + join(left) + ")"
	}
	return words
}

// everyWords describes an interval. Where fields could have the same words, it adds what the interval counts from.
func everyWords(seconds int64) string {
	words := durationWords(time.Duration(seconds) * time.Second)
	if seconds < 60 || seconds < 3600 && seconds%60 == 0 || seconds%3600 == 0 {
		words += " from the job's creation"
	}
	return words
}

// durationWords describes a duration in hours, minutes and seconds.
func durationWords(d time.Duration) string {
	var words []string
	hours, minutes, rest := d/time.Hour, d%time.Hour/time.Minute, d%time.Minute
	if hours > 0 {
		words = append(words, plural(int(hours), "hour"))
	}
	if minutes > 0 {
		words = append(words, plural(int(minutes), "minute"))
	}
	switch {
	case rest == time.Second:
		words = append(words, "1 second")
	case rest > 0:
		words = append(words, strconv.FormatFloat(rest.Seconds(), 'f', -1, 64)+" seconds")
	}
	return strings.Join(words, " ")
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}

// instantWords describes an instant as it is written, in its own offset.
func instantWords(t time.Time) string {
	words := t.Format("2 January 2006 at 15:04")
	if t.Second() != 0 || t.Nanosecond() != 0 {
		words = t.Format("2 January 2006 at 15:04:05.999999999")
	}
	if _, offset := t.Zone(); offset != 0 {
		return words + t.Format(" (UTC-07:00)")
	}
	return words + " (UTC)"
}

// fieldWords describes fields, or a descriptor in place of fields.
func fieldWords(text string, c *calendar) string {
	if strings.Contains(text, "~") {
		return hashedWords(strings.Fields(text), c)
	}
	days := c.dayWords()
	if times := c.timeList(); times != "" {
		return days.head + " at " + times + days.months
	}
	return c.repeatWords() + days.tail + days.months
}

const madeFromName = " made from the job's name"

// hashedWords describes fields of which some have a ~. c was parsed for a job of another name; only fields without a ~
// are read from it.
func hashedWords(fields []string, c *calendar) string {
	if len(fields) == 5 {
		fields = append([]string{"0"}, fields...)
	}
	days := c.dayWords()
	atZero := c.second == 1 && !strings.Contains(fields[0], "~")
	if atZero && fields[1] == "~" && !strings.Contains(strings.Join(fields[3:], ""), "~") {
		const minute = "a fixed minute"
		switch hour, single := one(c.hour); {
		case fields[2] == "~":
			return days.head + " at a fixed hour and minute" + madeFromName + days.months
		case strings.Contains(fields[2], "~"):
		case c.hour == allHours:
			return "every hour at " + minute + madeFromName + days.tail + days.months
		case single:
			return days.head + " at " + minute + " from " + clockWords(hour, 0) + " to " + clockWords(hour, 59) + madeFromName + days.months
		}
	}
	if step, ok := strings.CutPrefix(fields[1], "~/"); atZero && ok && strings.Join(fields[2:], "") == "****" {
		if n, err := strconv.Atoi(step); err == nil && n > 1 && n < 60 && 60%n == 0 {
			return "every " + plural(n, "minute") + " from a fixed minute" + madeFromName + " on"
		}
	}
	if fields[3] == "~" && !strings.Contains(strings.Join(fields[:3], "")+fields[4]+fields[5], "~") && c.days.dowStar {
		if times := c.timeList(); times != "" {
			return "on a fixed day of the month" + madeFromName + " at " + times + monthWords(c.month)
		}
	}
	return rawWords(fields, c)
}

// rawWords spells fields out as they are written.
func rawWords(fields []string, c *calendar) string {
	names := [...]string{"second", "minute", "hour", "day of the month", "month", "day of the week"}
	var words []string
	for i, name := range names {
		switch field := strings.ToUpper(fields[i]); field {
		case "*", "?":
			words = append(words, "any "+name)
		default:
			words = append(words, name+" "+field)
		}
	}
	last := len(words) - 1
	day := words[3] + " and " + words[last]
	if !c.days.domStar && !c.days.dowStar {
		day = words[3] + " or " + words[last]
	}
	return "at " + strings.Join(words[:3], ", ") + ", " + words[4] + ", " + day + " (~ is a number" + madeFromName + ")"
}

const (
	allSixty = 1<<60 - 1
	allHours = 1<<24 - 1
)

func clockWords(hour, minute int) string { return twoDigits(hour) + ":" + twoDigits(minute) }

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// one returns the only value of a mask, if it has just one.
func one(mask uint64) (int, bool) { return bits.TrailingZeros64(mask), bits.OnesCount64(mask) == 1 }

// series is the values from first to last, a step apart.
type series struct{ first, last, step int }

// asSeries returns the values of a mask as a series, if they are one of at least three values.
func asSeries(mask uint64) (series, bool) {
	if bits.OnesCount64(mask) < 3 {
		return series{}, false
	}
	first, last := bits.TrailingZeros64(mask), 63-bits.LeadingZeros64(mask)
	step := bits.TrailingZeros64(mask&(mask-1)) - first
	return series{first, last, step}, (last-first)%step == 0 && every(first, last, step) == mask
}

// wraps reports whether the series continues evenly across the end of a field with size values from 0.
func (s series) wraps(size int) bool {
	return size%s.step == 0 && s.first < s.step && s.last+s.step >= size
}

// join makes "a", "a and b" or "a, b and c".
func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// setWords lists the values of a mask, three or more in a row as a range.
func setWords(mask uint64, name func(int) string) []string {
	var words []string
	for mask != 0 {
		first := bits.TrailingZeros64(mask)
		count := bits.TrailingZeros64(^(mask >> first))
		switch {
		case count >= 3:
			words = append(words, name(first)+" to "+name(first+count-1))
		default:
			count = 1
			words = append(words, name(first))
		}
		mask &^= (1<<count - 1) << first
	}
	return words
}
