package httpapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dkron"
	"dkron/internal/state"
)

// listQuery is what a client wants to see of the jobs, and in which order.
type listQuery struct {
	page
	q        string // part of name or displayname
	metadata []pair
	status   *dkron.Status
	disabled string
	sort     string // "" is by name
	desc     bool
}

type pair struct{ key, value string }

// order compares two jobs by one field.
type order func(a, b *state.Entry) int

// orders are the fields that jobs can be sorted by. Ties, and the fields that are nil, go by name.
var orders = map[string]order{
	"id":            nil,
	"name":          nil,
	"displayname":   func(a, b *state.Entry) int { return compareFold(a.DisplayName, b.DisplayName) },
	"schedule":      func(a, b *state.Entry) int { return cmp.Compare(a.Schedule, b.Schedule) },
	"success_count": func(a, b *state.Entry) int { return cmp.Compare(a.SuccessCount, b.SuccessCount) },
	"error_count":   func(a, b *state.Entry) int { return cmp.Compare(a.ErrorCount, b.ErrorCount) },
	"last_success":  func(a, b *state.Entry) int { return compareNever(a.LastSuccess, b.LastSuccess) },
	"last_error":    func(a, b *state.Entry) int { return compareNever(a.LastError, b.LastError) },
	"next":          func(a, b *state.Entry) int { return a.Next.Compare(b.Next) },
}

func parseListQuery(v url.Values) (*listQuery, error) {
	p, err := parsePage(v)
	if err != nil {
		return nil, err
	}
	q := &listQuery{page: p, q: v.Get("q"), disabled: v.Get("disabled"), sort: v.Get("_sort"), desc: v.Get("_order") == "DESC"}
	if by, ok := orders[q.sort]; !ok && q.sort != "" {
		return nil, unknownSort(q.sort, "id, name, displayname, schedule, success_count, error_count, last_success, last_error, next")
	} else if by == nil {
		q.sort = ""
	}
	if s := v.Get("status"); s != "" {
		status := dkron.Status(s)
		if s == "untriggered" {
			status = ""
		}
		q.status = &status
	}
	for name, values := range v {
		key, opened := strings.CutPrefix(name, "metadata[")
		key, closed := strings.CutSuffix(key, "]")
		if !opened || !closed {
			continue
		}
		for _, value := range values {
			q.metadata = append(q.metadata, pair{key, value})
		}
	}
	return q, nil
}

func unknownSort(field, known string) error {
	return refuse(http.StatusBadRequest, "_sort by %q is not possible, use one of %s", shorten(field), known)
}

func (q *listQuery) filters() bool {
	return q.q != "" || q.status != nil || q.disabled != "" || len(q.metadata) > 0
}

func (q *listQuery) match(e *state.Entry) bool {
	if q.status != nil && e.Status != *q.status {
		return false
	}
	if q.disabled != "" && q.disabled != disabledWord(e.Disabled) {
		return false
	}
	for _, p := range q.metadata {
		if value, ok := e.Metadata[p.key]; !ok || value != p.value {
			return false
		}
	}
	return q.q == "" || strings.Contains(e.Name, q.q) || strings.Contains(e.DisplayName, q.q)
}

func disabledWord(disabled bool) string {
	if disabled {
		return "true"
	}
	return "false"
}

// find returns the page that is asked for, and how many jobs pass the filters. Without filters, in order of name, it
// looks at the page only.
func (q *listQuery) find(x *state.Index) ([]*state.Entry, int) {
	if q.sort == "" && !q.filters() {
		total := x.Len()
		from, to := q.clip(total)
		if !q.desc {
			return x.Slice(from, to), total
		}
		found := x.Slice(total-to, total-from)
		slices.Reverse(found)
		return found, total
	}
	s := newSelection(q.compare(), q.end)
	x.Each(func(e *state.Entry) bool {
		if q.match(e) {
			s.add(e)
		}
		return true
	})
	return s.page(q.page), s.total
}

// compare returns the order of the list, nil if it is that of the index.
func (q *listQuery) compare() order {
	by := orders[q.sort]
	if by == nil && !q.desc {
		return nil
	}
	sign := 1
	if q.desc {
		sign = -1
	}
	return func(a, b *state.Entry) int {
		c := 0
		if by != nil {
			c = by(a, b)
		}
		if c == 0 {
			c = strings.Compare(a.Name, b.Name)
		}
		return sign * c
	}
}

func (a *api) listJobs(w http.ResponseWriter, r *http.Request) error {
	q, err := parseListQuery(r.URL.Query())
	if err != nil {
		return err
	}
	found, total := q.find(a.Store.Index())
	return a.writeJobs(w, r, total, found)
}

// compareNever puts what never happened behind all that did.
func compareNever(a, b time.Time) int {
	switch {
	case a.IsZero() == b.IsZero():
		return a.Compare(b)
	case a.IsZero():
		return 1
	}
	return -1
}

// compareFold compares regardless of case.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := a[i], b[i]
		if x >= utf8.RuneSelf || y >= utf8.RuneSelf {
			return strings.Compare(strings.ToLower(a), strings.ToLower(b))
		}
		if x != y {
			if c := cmp.Compare(lower(x), lower(y)); c != 0 {
				return c
			}
		}
	}
	return cmp.Compare(len(a), len(b))
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
