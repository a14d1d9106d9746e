package cron

// secondsPerDay is the length of a day on the civil calendar, which knows no
// clock changes.
const secondsPerDay = 24 * 60 * 60

// longestWait is the number of years within which every possible date occurs again: 29 February on a given weekday can
// take 40 years, across a century without its leap year (1880 to 1920). A date that does not occur by then never does.
const longestWait = 40

// calendar is the set of local times that six fields allow. Its times are
// civil seconds: the seconds from 1970-01-01T00:00:00 to a local time, as if
// every day had 24 hours.
type calendar struct {
	second, minute, hour, month uint64 // bit v: value v
	days                        dayRule
	fixed                       bool // fixed-time, see the package comment
}

// next returns the first civil second at or after from, and whether there is
// one. It moves from field to field, the largest first.
func (c *calendar) next(from int64) (int64, bool) {
	day, second := divide(from, secondsPerDay)
	year, month, dayOfMonth := dateOf(day)
	if c.month>>month&1 != 0 {
		first := day - int64(dayOfMonth) + 1
		allowed := c.days.mask(weekday(first), lengthOf(year, month))
		if allowed>>dayOfMonth&1 != 0 {
			if s := c.clock(int(second)); s >= 0 {
				return day*secondsPerDay + int64(s), true
			}
		}
		if d := atLeast(allowed, dayOfMonth+1); d < 64 {
			return (first+int64(d)-1)*secondsPerDay + int64(c.clock(0)), true
		}
	}
	for last := year + longestWait; ; {
		month = atLeast(c.month, month+1)
		if month > 12 {
			year++
			month = atLeast(c.month, 1)
		}
		if year > last {
			return 0, false
		}
		first := daysTo(year, month)
		if allowed := c.days.mask(weekday(first), lengthOf(year, month)); allowed != 0 {
			d := atLeast(allowed, 1)
			return (first+int64(d)-1)*secondsPerDay + int64(c.clock(0)), true
		}
	}
}

// clock returns the first allowed second of the day at or after from, or -1.
func (c *calendar) clock(from int) int {
	hour, minute, second := from/3600, from/60%60, from%60
	h := atLeast(c.hour, hour)
	if h == hour {
		m := atLeast(c.minute, minute)
		if m == minute {
			if s := atLeast(c.second, second); s < 64 {
				return h*3600 + m*60 + s
			}
			m = atLeast(c.minute, minute+1)
		}
		if m < 64 {
			return h*3600 + m*60 + atLeast(c.second, 0)
		}
		h = atLeast(c.hour, hour+1)
	}
	if h == 64 {
		return -1
	}
	return h*3600 + atLeast(c.minute, 0)*60 + atLeast(c.second, 0)
}

// divide returns the quotient, rounded down, and the remainder from 0.
func divide(n, by int64) (int64, int64) {
	q, r := n/by, n%by
	if r < 0 {
		return q - 1, r + by
	}
	return q, r
}

// weekday returns the day of the week, Sunday is 0, of a day counted from
// 1970-01-01, which was a Thursday.
func weekday(day int64) int {
	_, w := divide(day+4, 7)
	return int(w)
}

func isLeap(year int64) bool {
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

// lengthOf returns the number of days of a month.
func lengthOf(year int64, month int) int {
	switch month {
	case 2:
		if isLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// The two functions below count years from 1 March, so that the leap day is
// the last of its year and the months before it follow one formula: the first
// of the n-th month from March is (153*n+2)/5 days after 1 March.

const (
	daysPer400Years = 400*365 + 97
	marchToEpoch    = 719468 // days from 0000-03-01 to 1970-01-01
)

// daysTo returns the days from 1970-01-01 to the first of a month.
func daysTo(year int64, month int) int64 {
	n := int64(month) - 3
	if n < 0 {
		n += 12
		year--
	}
	era, y := divide(year, 400)
	return era*daysPer400Years + y*365 + y/4 - y/100 + (153*n+2)/5 - marchToEpoch
}

// dateOf returns the date of a day counted from 1970-01-01.
func dateOf(day int64) (year int64, month, dayOfMonth int) {
	era, d := divide(day+marchToEpoch, daysPer400Years)
	// Taking the leap days passed so far out of d leaves years of 365 days.
	y := (d - d/(4*365) + d/(100*365+24) - d/(daysPer400Years-1)) / 365
	d -= y*365 + y/4 - y/100
	n := (5*d + 2) / 153
	year = era*400 + y
	month = int(n) + 3
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, int(d-(153*n+2)/5) + 1
}
