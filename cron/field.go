package cron

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// bounds are the limits of one kind of field.
type bounds struct {
	min, max int
	hashes   uint64 // ~ is min plus the name's hash modulo this
	names    string // three letters for each value, in order from min; or ""
}

// allBounds has the six fields in the order in which they are written. The
// hash of the day of the month stays below 29, so that ~ exists every month.
var allBounds = [6]bounds{
	{min: 0, max: 59, hashes: 60},
	{min: 0, max: 59, hashes: 60},
	{min: 0, max: 23, hashes: 24},
	{min: 1, max: 31, hashes: 28},
	{min: 1, max: 12, hashes: 12, names: "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
	{min: 0, max: 6, hashes: 7, names: "SUNMONTUEWEDTHUFRISAT"},
}

// field reads the text of one field.
type field struct {
	bounds
	// special reads entries that only this field allows (L, W, #). It reports whether the entry, in upper case, was
	// one.
	special func(f *field, entry string) (bool, error)
}

// set is what a field allows.
type set struct {
	bits  uint64 // bit v for the value v
	star  bool   // some entry is * or ?
	plain bool   // all entries are single values
}

func (f *field) parse(text string, h uint64) (set, error) {
	s := set{plain: true}
	for entry := range strings.SplitSeq(text, ",") {
		if entry == "" {
			return set{}, fmt.Errorf("empty entry in list: %s; want values separated by single commas", text)
		}
		entry = strings.ToUpper(f.expand(entry, h))
		if f.special != nil {
			known, err := f.special(f, entry)
			if err != nil {
				return set{}, err
			}
			if known {
				continue
			}
		}
		if err := f.add(&s, entry); err != nil {
			return set{}, err
		}
	}
	return s, nil
}

// add adds an entry to s: v, * or a-b, with or without a step.
func (f *field) add(s *set, entry string) error {
	span, stepText, stepped := strings.Cut(entry, "/")
	low, high, ranged := strings.Cut(span, "-")
	switch {
	case strings.Contains(stepText, "/"):
		return fmt.Errorf("too many slashes: %s; want one step, e.g. */5", entry)
	case strings.Contains(high, "-"):
		return fmt.Errorf("too many hyphens: %s; want one range, e.g. 1-5", entry)
	}
	step := 1
	if stepped {
		var err error
		if step, err = parseStep(stepText, entry); err != nil {
			return err
		}
	}
	star := span == "*" || span == "?"
	s.star = s.star || star && step == 1
	s.plain = s.plain && !star && !ranged && !stepped
	if star {
		s.bits |= every(f.min, f.max, step)
		return nil
	}
	from, err := f.value(low)
	if err != nil {
		return err
	}
	to := from
	if ranged {
		if to, err = f.value(high); err != nil {
			return err
		}
	} else if stepped {
		to = f.max
	}
	if err := f.check(from, to, entry); err != nil {
		return err
	}
	s.bits |= every(from, to, step)
	return nil
}

// check refuses a range that is reversed or exceeds the field.
func (f *field) check(from, to int, entry string) error {
	switch {
	case from < f.min:
		return fmt.Errorf("beginning of range (%d) below minimum (%d): %s", from, f.min, entry)
	case to > f.max:
		return fmt.Errorf("end of range (%d) above maximum (%d): %s", to, f.max, entry)
	case from > to:
		return fmt.Errorf("beginning of range (%d) beyond end of range (%d): %s", from, to, entry)
	}
	return nil
}

// value reads a number or a name in upper case. A number may be out of bounds.
func (f *field) value(text string) (int, error) {
	if len(text) == 3 {
		for i := 0; i < len(f.names); i += 3 {
			if f.names[i:i+3] == text {
				return f.min + i/3, nil
			}
		}
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("failed to parse int from %s: want %s", text, f.wanted())
	}
	return int(n), nil
}

func (f *field) wanted() string {
	if f.names == "" {
		return fmt.Sprintf("a number from %d to %d", f.min, f.max)
	}
	return fmt.Sprintf("a number from %d to %d or a name from %s to %s",
		f.min, f.max, f.names[:3], f.names[len(f.names)-3:])
}

func parseStep(text, entry string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("failed to parse int from %s: want a whole number as the step of %s", text, entry)
	}
	if n == 0 {
		return 0, fmt.Errorf("step of range should be a positive number: %s", entry)
	}
	return int(n), nil
}

// every sets each step-th bit between from and to, both included.
func every(from, to, step int) uint64 {
	var mask uint64
	for v := from; v <= to; v += step {
		mask |= 1 << v
	}
	return mask
}

// atLeast returns the lowest bit of mask that is not below n, or 64.
func atLeast(mask uint64, n int) int {
	return bits.TrailingZeros64(mask >> n << n)
}
