package httpapi

import "time"

// utc returns t as JSON can hold it: in UTC, and no time at all if its year has more than four digits.
func utc(t time.Time) time.Time {
	if t.IsZero() || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}

// nullable returns nil, JSON's null, for the zero time.
func nullable(t time.Time) *time.Time {
	if t = utc(t); t.IsZero() {
		return nil
	}
	return &t
}

// filled returns nil, JSON's null, for an empty map.
func filled[K comparable, V any](m map[K]V) map[K]V {
	if len(m) == 0 {
		return nil
	}
	return m
}
