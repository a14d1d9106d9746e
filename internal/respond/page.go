package respond

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
)

// Page is a half-open slice of a list.
type Page struct{ Start, End int }

// ParsePage parses _start and _end. A value that is not a number counts as 0, as in v4; an impossible slice is refused.
func ParsePage(q url.Values) (Page, error) {
	p := Page{End: math.MaxInt}
	if s := q.Get("_start"); s != "" {
		p.Start = wholeNumber(s)
	}
	if s := q.Get("_end"); s != "" {
		p.End = wholeNumber(s)
	}
	switch {
	case p.Start < 0:
		return p, Refuse(http.StatusBadRequest, "_start must not be negative, got %d", p.Start)
	case p.End < 0:
		return p, Refuse(http.StatusBadRequest, "_end must not be negative, got %d", p.End)
	case p.Start > p.End:
		return p, Refuse(http.StatusBadRequest, "_start must not be larger than _end, got %d and %d", p.Start, p.End)
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

// Clip returns the page's part of a list of the given length.
func (p Page) Clip(total int) (from, to int) {
	to = min(p.End, total)
	return min(p.Start, to), to
}

// Cut returns the page's part of a list.
func Cut[T any](p Page, list []T) []T {
	from, to := p.Clip(len(list))
	return list[from:to]
}
