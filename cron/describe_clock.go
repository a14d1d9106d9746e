package cron

import (
	"math/bits"
	"strconv"
	"strings"
)

// maxTimes is the largest number of times of day that are listed.
const maxTimes = 4

// timeList lists the times of day if they are few and have no shorter wording; otherwise it returns "".
func (c *calendar) timeList() string {
	second, single := one(c.second)
	hours, minutes := bits.OnesCount64(c.hour), bits.OnesCount64(c.minute)
	if !single || hours*minutes > maxTimes {
		return ""
	}
	if s, ok := asSeries(c.hour); ok && minutes == 1 && (s.step == 1 || s.wraps(24) && s.first == 0) {
		return ""
	}
	var words []string
	for h := range 24 {
		for m := range 60 {
			if c.hour>>h&1 != 0 && c.minute>>m&1 != 0 {
				words = append(words, clockWords(h, m)+secondWords(second))
			}
		}
	}
	return join(words)
}

func secondWords(second int) string {
	if second == 0 {
		return ""
	}
	return ":" + twoDigits(second)
}

// repeatWords describes a clock with too many times of day to list.
func (c *calendar) repeatWords() string {
	second, single := one(c.second)
	switch {
	case !single:
		return c.secondsWords()
	case second == 0:
		return c.minutesWords()
	}
	words, minute := c.minutesWords(), atMinute(bits.TrailingZeros64(c.minute))
	if minute != "" && strings.HasSuffix(words, minute) {
		return words + " and second " + strconv.Itoa(second)
	}
	return words + " at second " + strconv.Itoa(second)
}

// minutesWords describes minutes and hours; the caller adds the second.
func (c *calendar) minutesWords() string {
	minute, single := one(c.minute)
	hours, ranged := asSeries(c.hour)
	switch {
	case single && c.hour == allHours:
		return "every hour" + atMinute(minute)
	case single && ranged && hours.first == 0 && hours.wraps(24):
		return "every " + plural(hours.step, "hour") + atMinute(minute)
	case single && ranged:
		from, to := clockWords(hours.first, minute), clockWords(hours.last, minute)
		return "every " + unitWords(hours.step, "hour") + " from " + from + " to " + to
	case single:
		return "at minute " + strconv.Itoa(minute) + " of " + hourSet(c.hour)
	}
	minutes, ok := asSeries(c.minute)
	if !ok {
		return "at " + minuteSet(c.minute) + " of " + hourSet(c.hour)
	}
	words := "every " + unitWords(minutes.step, "minute")
	if minutes.wraps(60) {
		if c.hour == allHours && minutes.first == 0 {
			return words
		}
		if from, to, ok := stretch(c.hour); ok && c.hour != allHours {
			return words + " from " + clockWords(from, minutes.first) + " to " + clockWords(to, minutes.last)
		}
		if minutes.first == 0 {
			return words + " of " + hourSet(c.hour)
		}
	}
	return words + " from minute " + strconv.Itoa(minutes.first) + " to " + strconv.Itoa(minutes.last) + " of " + hourSet(c.hour)
}

// secondsWords describes a clock with several seconds a minute.
func (c *calendar) secondsWords() string {
	all := c.minute == allSixty
	of := " of " + minuteSet(c.minute) + " of " + hourSet(c.hour)
	if all && c.hour == allHours {
		of = " of every minute"
	}
	s, ok := asSeries(c.second)
	if !ok {
		return "at " + numbered("second", c.second) + of
	}
	words := "every " + unitWords(s.step, "second")
	if s.first == 0 && s.wraps(60) {
		if all && c.hour == allHours {
			return words
		}
		if from, to, ok := stretch(c.hour); ok && all {
			return words + " from " + clockWords(from, 0) + " to " + clockWords(to, 59) + ":" + twoDigits(s.last)
		}
		return words + of
	}
	return words + " from second " + strconv.Itoa(s.first) + " to " + strconv.Itoa(s.last) + of
}

func atMinute(minute int) string {
	if minute == 0 {
		return ""
	}
	return " at minute " + strconv.Itoa(minute)
}

// unitWords names a step and its unit; a step of one is left out.
func unitWords(step int, unit string) string {
	if step == 1 {
		return unit
	}
	return plural(step, unit)
}

// stretch returns the first and the last value of a mask without gaps.
func stretch(mask uint64) (first, last int, ok bool) {
	first, last = bits.TrailingZeros64(mask), 63-bits.LeadingZeros64(mask)
	return first, last, every(first, last, 1) == mask
}

// numbered lists the values of a mask after their unit.
func numbered(unit string, mask uint64) string {
	if v, single := one(mask); single {
		return unit + " " + strconv.Itoa(v)
	}
	return unit + "s " + join(setWords(mask, strconv.Itoa))
}

func minuteSet(mask uint64) string {
	if mask == allSixty {
		return "every minute"
	}
	return numbered("minute", mask)
}

func hourSet(mask uint64) string {
	if mask == allHours {
		return "every hour"
	}
	return numbered("hour", mask)
}
