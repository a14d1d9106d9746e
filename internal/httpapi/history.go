package httpapi

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron/internal/respond"
)

// Lists across jobs come in pages, newest first: what has not ended, in order of launch, and then what has, in the order
// in which that was recorded. A page goes on where the one before ended, whatever has happened meanwhile.

const (
	defaultPage = 100
	maxPage     = 1000
	maxScan     = 20_000  // records that are looked at for one page
	maxText     = 8 << 20 // bytes of output in one page
)

// historyQuery is which part of a history a client wants.
type historyQuery struct {
	jobs         []string        // nil is all
	words        map[string]bool // statuses or states; nil is all
	since, until time.Time       // of the end; what has not ended counts as ending now
	limit        int
	after        cursor
}

// cursor is where a page begins: at an open record older than the given one, or at a record of the history.
type cursor struct {
	launch, slot uint64
	record       uint64 // 0 while the page is among what is open
}

func (c cursor) String() string {
	if c.record != 0 {
		return "r" + strconv.FormatUint(c.record, 10)
	}
	return fmt.Sprintf("o%d.%d", c.launch, c.slot)
}

func parseCursor(s string) (cursor, error) {
	first := cursor{launch: math.MaxUint64, slot: math.MaxUint64}
	if s == "" {
		return first, nil
	}
	var c cursor
	var err error
	if number, ok := strings.CutPrefix(s, "r"); ok {
		c.record, err = strconv.ParseUint(number, 10, 64)
	} else if _, err = fmt.Sscanf(s, "o%d.%d", &c.launch, &c.slot); err == nil && c.launch == 0 {
		err = strconv.ErrRange
	}
	if err != nil || c.String() != s {
		return c, respond.Refuse(http.StatusBadRequest, "after must be the X-Next-Cursor of the page before, not %q", respond.Shorten(s))
	}
	return c, nil
}

// parseHistoryQuery reads what both lists have. The parameter with the given name may have the words.
func parseHistoryQuery(v url.Values, name string, words []string) (*historyQuery, error) {
	q := &historyQuery{jobs: given(v, "job"), limit: defaultPage}
	var err error
	if q.words, err = parseWords(v, name, words); err != nil {
		return nil, err
	}
	if q.since, err = parseTime(v, "since"); err != nil {
		return nil, err
	}
	if q.until, err = parseTime(v, "until"); err != nil {
		return nil, err
	}
	if !q.until.IsZero() && q.until.Before(q.since) {
		return nil, respond.Refuse(http.StatusBadRequest, "until must not be before since")
	}
	if s := v.Get("limit"); s != "" {
		if q.limit, err = strconv.Atoi(s); err != nil || q.limit < 1 || q.limit > maxPage {
			return nil, respond.Refuse(http.StatusBadRequest, "limit must be a number from 1 to %d, not %q", maxPage, respond.Shorten(s))
		}
	}
	q.after, err = parseCursor(v.Get("after"))
	return q, err
}

// given returns the values of a parameter that are not empty.
func given(v url.Values, name string) []string {
	return slices.DeleteFunc(slices.Clone(v[name]), func(s string) bool { return s == "" })
}

func parseWords(v url.Values, name string, words []string) (map[string]bool, error) {
	var found map[string]bool
	for _, word := range given(v, name) {
		if !slices.Contains(words, word) {
			return nil, respond.Refuse(http.StatusBadRequest, "%s must be one of %s, not %q", name, strings.Join(words, ", "), respond.Shorten(word))
		}
		if found == nil {
			found = make(map[string]bool)
		}
		found[word] = true
	}
	return found, nil
}

func parseTime(v url.Values, name string) (time.Time, error) {
	s := v.Get(name)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, respond.Refuse(http.StatusBadRequest, "%s must be an RFC 3339 time such as \"2026-01-31T08:00:00Z\", not %q", name, respond.Shorten(s))
	}
	return t, nil
}

func (q *historyQuery) match(job, word string) bool {
	return (q.words == nil || q.words[word]) && (len(q.jobs) == 0 || slices.Contains(q.jobs, job))
}

// matchEnd reports whether something ended within the time that is asked for.
func (q *historyQuery) matchEnd(end time.Time) bool {
	return !end.Before(q.since) && (q.until.IsZero() || end.Before(q.until))
}

// wantsAny reports whether one of the words is asked for.
func (q *historyQuery) wantsAny(words ...string) bool {
	return q.words == nil || slices.ContainsFunc(words, func(w string) bool { return q.words[w] })
}

// skew is how far the clocks that ends were stamped with may be apart.
const skew = time.Minute

// tooOld reports whether all that was recorded before the given time ended before since.
func (q *historyQuery) tooOld(recorded time.Time) bool {
	return recorded.Before(q.since.Add(-skew))
}

// only returns the job if the list is of one, whose records can be read without those of others; else "".
func (q *historyQuery) only() string {
	if len(q.jobs) == 1 {
		return q.jobs[0]
	}
	return ""
}

// record returns the newest record of the history that the page may have.
func (q *historyQuery) record() uint64 {
	if q.after.record == 0 {
		return math.MaxUint64
	}
	return q.after.record
}

// pager fills a page.
type pager struct {
	query   *historyQuery
	count   int // in the page
	text    int // bytes of output in the page
	scanned int
	next    *cursor // where the next page begins; nil if there is none
}

// openPage returns the part of what is open, newest first, that is in the page.
func openPage[T any](p *pager, list []T, key func(T) cursor) []T {
	list = slices.DeleteFunc(list, func(v T) bool { return compareCursor(key(v), p.query.after) >= 0 })
	slices.SortFunc(list, func(a, b T) int { return compareCursor(key(b), key(a)) })
	if len(list) > p.query.limit {
		list = list[:p.query.limit]
		last := key(list[len(list)-1])
		p.next = &last
	}
	p.count = len(list)
	return list
}

func compareCursor(a, b cursor) int {
	switch {
	case a.launch < b.launch || a.launch == b.launch && a.slot < b.slot:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// visit looks at a record of the history, of which older is the next one. take is called for one that is in the page and
// returns how much output it has. visit returns false at the end of the page.
func (p *pager) visit(number, older uint64, match bool, take func() int) bool {
	p.scanned++
	if match && (p.count == p.query.limit || p.text >= maxText) {
		p.next = &cursor{record: number}
		return false
	}
	if match {
		p.count++
		p.text += take()
	}
	if p.scanned < maxScan {
		return true
	}
	if older > 0 {
		p.next = &cursor{record: older}
	}
	return false
}

// tell puts into the headers where the next page begins.
func (p *pager) tell(w http.ResponseWriter, r *http.Request) {
	if p.next == nil {
		return
	}
	to := *r.URL
	v := to.Query()
	v.Set("after", p.next.String())
	to.Scheme, to.Host, to.RawQuery = "", "", v.Encode()
	w.Header().Set("X-Next-Cursor", p.next.String())
	w.Header().Set("Link", "<"+to.String()+`>; rel="next"`)
}
