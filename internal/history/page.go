package history

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lists across jobs have pages, newest first: open records by launch, then ended ones in the order of recording. A page
// continues exactly where the one before ended.

// Limits of the work for one page.
const (
	maxScan = 20_000  // records read
	maxText = 8 << 20 // bytes of output
)

// Query selects the part of a history that a page shows.
type Query struct {
	Jobs         []string        // nil selects all
	Words        map[string]bool // states; nil selects all
	Since, Until time.Time       // [Since, Until) of the end; open ones count as ending now
	Limit        int
	May          func(job string) bool // hides jobs; nil hides none
	After        Cursor
}

// Cursor is the start of a page: the open record after the given one, or a record of the history.
type Cursor struct {
	launch, slot uint64
	record       uint64 // 0 while the page starts among open records
}

func (c Cursor) String() string {
	if c.record != 0 {
		return "r" + strconv.FormatUint(c.record, 10)
	}
	return fmt.Sprintf("o%d.%d", c.launch, c.slot)
}

// ParseCursor parses String's result; "" is the start of the first page.
func ParseCursor(s string) (c Cursor, ok bool) {
	if s == "" {
		return Cursor{launch: math.MaxUint64, slot: math.MaxUint64}, true
	}
	var err error
	if number, ended := strings.CutPrefix(s, "r"); ended {
		c.record, err = strconv.ParseUint(number, 10, 64)
	} else if _, err = fmt.Sscanf(s, "o%d.%d", &c.launch, &c.slot); err == nil && c.launch == 0 {
		err = strconv.ErrRange
	}
	return c, err == nil && c.String() == s
}

// match reports whether the query selects a job and a state.
func (q *Query) match(job, word string) bool {
	return (q.Words == nil || q.Words[word]) && (len(q.Jobs) == 0 || slices.Contains(q.Jobs, job)) && (q.May == nil || q.May(job))
}

// matchEnd reports whether the query selects an end.
func (q *Query) matchEnd(end time.Time) bool {
	return !end.Before(q.Since) && (q.Until.IsZero() || end.Before(q.Until))
}

// wantsAny reports whether the query selects one of the states.
func (q *Query) wantsAny(words ...string) bool {
	return q.Words == nil || slices.ContainsFunc(words, func(w string) bool { return q.Words[w] })
}

// skew is the largest assumed difference between the clocks that stamped ends.
const skew = time.Minute

// tooOld reports whether everything recorded before the given time ended before since.
func (q *Query) tooOld(recorded time.Time) bool {
	return recorded.Before(q.Since.Add(-skew))
}

// only returns the job if the list has just one, whose records can be read without those of others; else "".
func (q *Query) only() string {
	if len(q.Jobs) == 1 {
		return q.Jobs[0]
	}
	return ""
}

// record returns the newest record of the history that the page may contain.
func (q *Query) record() uint64 {
	if q.After.record == 0 {
		return math.MaxUint64
	}
	return q.After.record
}

// pager fills a page.
type pager struct {
	query   *Query
	count   int // in the page
	text    int // bytes of output in the page
	scanned int
	next    *Cursor // start of the next page; nil if there is none
}

// openPage returns the page's part of the open records, newest first.
func openPage[T any](p *pager, list []T, key func(T) Cursor) []T {
	list = slices.DeleteFunc(list, func(v T) bool { return compareCursors(key(v), p.query.After) >= 0 })
	slices.SortFunc(list, func(a, b T) int { return compareCursors(key(b), key(a)) })
	if len(list) > p.query.Limit {
		list = list[:p.query.Limit]
		last := key(list[len(list)-1])
		p.next = &last
	}
	p.count = len(list)
	return list
}

func compareCursors(a, b Cursor) int {
	switch {
	case a.launch < b.launch || a.launch == b.launch && a.slot < b.slot:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// visit handles a record of the history; older is the number of the next one. take is called for a record in the page
// and returns the bytes of its output. visit returns false at the end of the page.
func (p *pager) visit(number, older uint64, match bool, take func() int) bool {
	p.scanned++
	if match && (p.count == p.query.Limit || p.text >= maxText) {
		p.next = &Cursor{record: number}
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
		p.next = &Cursor{record: older}
	}
	return false
}

// before returns the exclusive upper number of a list that begins at a record, 0 if that is the newest.
func before(record uint64) uint64 {
	if record == math.MaxUint64 {
		return 0
	}
	return record + 1
}
