package cron

import (
	"fmt"
	"math/bits"
	"strings"
)

// dayRule is what the day of the month and the day of the week allow.
type dayRule struct {
	dom     uint32 // bit d: day d
	near    uint32 // bit d: weekday nearest to day d
	fromEnd uint32 // bit n: n days before the last day
	nearEnd bool   // weekday nearest to the last day
	domStar bool

	dow     uint32    // bit w: weekday w, Sunday is 0
	nth     [5]uint32 // nth[k] bit w: (k+1)-th weekday w of the month
	last    uint32    // bit w: last weekday w of the month
	dowStar bool
}

// parseDom reads L, L-n, LW and nW.
func (r *dayRule) parseDom(f *field, entry string) (bool, error) {
	if entry == "L" || entry == "LW" {
		if entry == "L" {
			r.fromEnd |= 1
		} else {
			r.nearEnd = true
		}
		return true, nil
	}
	if before, ok := strings.CutPrefix(entry, "L-"); ok {
		n, err := f.value(before)
		if err != nil || n > 30 {
			return false, fmt.Errorf("bad day before the last: %s; want L-1 to L-30", entry)
		}
		r.fromEnd |= 1 << n
		return true, nil
	}
	if day, ok := strings.CutSuffix(entry, "W"); ok {
		n, err := f.value(day)
		if err != nil || n < f.min || n > f.max {
			return false, fmt.Errorf("bad nearest weekday: %s; want 1W to 31W or LW", entry)
		}
		r.near |= 1 << n
		return true, nil
	}
	return false, nil
}

// parseDow reads wL and w#k.
func (r *dayRule) parseDow(f *field, entry string) (bool, error) {
	if day, k, ok := strings.Cut(entry, "#"); ok {
		w, err := f.value(day)
		if err != nil || w > f.max || len(k) != 1 || k < "1" || k > "5" {
			return false, fmt.Errorf("bad weekday of the month: %s; want a day from 0 to 6 or SUN to SAT and a number from 1 to 5, e.g. FRI#2", entry)
		}
		r.nth[k[0]-'1'] |= 1 << w
		return true, nil
	}
	if day, ok := strings.CutSuffix(entry, "L"); ok {
		w, err := f.value(day)
		if err != nil || w > f.max {
			return false, fmt.Errorf("bad last weekday: %s; want 0L to 6L or SUNL to SATL", entry)
		}
		r.last |= 1 << w
		return true, nil
	}
	return false, nil
}

// mask returns the days of a month that the rule allows, bit d for day d. The
// month has length days and its first is the weekday first.
func (r *dayRule) mask(first, length int) uint64 {
	dom := r.domMask(first, length)
	dow := r.dowMask(first, length)
	if r.domStar || r.dowStar {
		return dom & dow
	}
	return dom | dow
}

func (r *dayRule) domMask(first, length int) uint64 {
	m := uint64(r.dom)
	for left := r.fromEnd; left != 0; left &= left - 1 {
		if n := bits.TrailingZeros32(left); n < length {
			m |= 1 << (length - n)
		}
	}
	for left := r.near; left != 0; left &= left - 1 {
		if day := bits.TrailingZeros32(left); day <= length {
			m |= 1 << nearest(day, first, length)
		}
	}
	if r.nearEnd {
		m |= 1 << nearest(length, first, length)
	}
	return within(m, length)
}

func (r *dayRule) dowMask(first, length int) uint64 {
	const weeks = 1 | 1<<7 | 1<<14 | 1<<21 | 1<<28
	m := turn(r.dow, first) * weeks << 1
	for k, days := range r.nth {
		m |= turn(days, first) << (7*k + 1)
	}
	m |= turn(r.last, (first+length)%7) << (length - 6)
	return within(m, length)
}

// within drops the days that a month of that length does not have.
func within(mask uint64, length int) uint64 {
	return mask & (1<<(length+1) - 1)
}

// turn rotates a mask of weekdays so that bit 0 is the weekday first.
func turn(week uint32, first int) uint64 {
	return uint64(week>>first|week<<(7-first)) & 0x7f
}

// nearest returns the day from Monday to Friday nearest to day, without
// leaving the month.
func nearest(day, first, length int) int {
	switch weekday := (first + day - 1) % 7; {
	case weekday == 6 && day == 1:
		return 3
	case weekday == 6:
		return day - 1
	case weekday == 0 && day == length:
		return day - 2
	case weekday == 0:
		return day + 1
	}
	return day
}
