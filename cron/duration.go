package cron

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// ParseISODuration reads the ISO 8601 duration of an @after grace period, such
// as P1DT2H30M or PT1.5S. A year is 365 days, a month 30 days; only seconds
// may have a fraction, cut to nanoseconds. Weeks, signs, zero and more than
// 292 years are refused.
func ParseISODuration(text string) (time.Duration, error) {
	rest, ok := strings.CutPrefix(text, "P")
	date, clock, timed := strings.Cut(rest, "T")
	if !ok || rest == "" || timed && clock == "" {
		return 0, durationError(text, "wrong form")
	}
	const day = 24 * time.Hour
	total, err := addUnits(0, date, "YMD", [...]time.Duration{365 * day, 30 * day, day})
	if err == "" {
		total, err = addUnits(total, clock, "HMS", [...]time.Duration{time.Hour, time.Minute, time.Second})
	}
	if err == "" && total == 0 {
		err = "zero"
	}
	if err != "" {
		return 0, durationError(text, err)
	}
	return total, nil
}

func durationError(text, wrong string) error {
	return fmt.Errorf("invalid ISO 8601 duration %q: %s; want PnYnMnDTnHnMnS, e.g. PT2H or P1DT2H30M", text, wrong)
}

// addUnits adds to total the numbers of text, each followed by one of letters,
// which must come in their order. It returns what is wrong, or "".
func addUnits(total time.Duration, text, letters string, units [3]time.Duration) (time.Duration, string) {
	from := 0
	for text != "" {
		n := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if n < 0 {
			return 0, "number without a unit"
		}
		unit := strings.IndexByte(letters[from:], text[n])
		if unit < 0 {
			return 0, fmt.Sprintf("unit %q unknown or out of place", text[n:n+1])
		}
		from += unit
		amount, wrong := scale(text[:n], units[from])
		if wrong != "" {
			return 0, wrong
		}
		if amount > math.MaxInt64-total {
			return 0, "too long"
		}
		total += amount
		text = text[n+1:]
		from++
	}
	return total, ""
}

// scale returns number times unit, or what is wrong.
func scale(number string, unit time.Duration) (time.Duration, string) {
	whole, fraction, dotted := strings.Cut(number, ".")
	if whole == "" || dotted && (fraction == "" || unit != time.Second || strings.Contains(fraction, ".")) {
		return 0, "bad number " + number
	}
	var n time.Duration
	for _, digit := range []byte(whole) {
		d := time.Duration(digit - '0')
		if n > (math.MaxInt64-d)/10 {
			return 0, "too long"
		}
		n = n*10 + d
	}
	if n > math.MaxInt64/unit {
		return 0, "too long"
	}
	n *= unit
	place := unit / 10
	for _, digit := range []byte(fraction) {
		part := time.Duration(digit-'0') * place
		if part > math.MaxInt64-n {
			return 0, "too long"
		}
		n += part
		place /= 10
	}
	return n, ""
}
