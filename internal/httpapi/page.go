package httpapi

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"dkron/internal/respond"
)

// page is a half-open slice of a list.
type page struct{ start, end int }

// parsePage parses _start and _end. A value that is not a number counts as 0, as in v4; an impossible slice is refused.
func parsePage(q url.Values) (page, error) {
	p := page{end: math.MaxInt}
	if s := q.Get("_start"); s != "" {
		p.start = wholeNumber(s)
	}
	if s := q.Get("_end"); s != "" {
		p.end = wholeNumber(s)
	}
	switch {
	case p.start < 0:
		return p, respond.Refuse(http.StatusBadRequest, "_start must not be negative, got %d", p.start)
	case p.end < 0:
		return p, respond.Refuse(http.StatusBadRequest, "_end must not be negative, got %d", p.end)
	case p.start > p.end:
		return p, respond.Refuse(http.StatusBadRequest, "_start must not be larger than _end, got %d and %d", p.start, p.end)
	}
	return p, nil
}

// wholeNumber returns 0 if s is not a number, and the nearest int if it is too large.
func wholeNumber(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return n
}

// clip returns the page's part of a list of the given length.
func (p page) clip(total int) (from, to int) {
	to = min(p.end, total)
	return min(p.start, to), to
}

func cut[T any](p page, list []T) []T {
	from, to := p.clip(len(list))
	return list[from:to]
}
