package history

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lists across jobs come in pages, newest first: what has not ended, in order of launch, and then what has, in the order
// in which that was recorded. A page goes on where the one before ended, whatever has happened meanwhile.

// Bounds of the work for one page.
const (
	maxScan = 20_000  // records that are looked at
	maxText = 8 << 20 // bytes of output
)

// Query is which part of a history a page shows.
type Query struct {
	Jobs         []string        // nil is all
	Words        map[string]bool // states; nil is all
	Since, Until time.Time       // [Since, Until) of the end; what has not ended counts as ending now
	Limit        int
	After        Cursor
}

// Cursor is where a page begins: at an open record older than the given one, or at a record of the history.
type Cursor struct {
	launch, slot uint64
	record       uint64 // 0 while the page is among what is open
}

func (c Cursor) String() string {
	if c.record != 0 {
		return "r" + strconv.FormatUint(c.record, 10)
	}
	return fmt.Sprintf("o%d.%d", c.launch, c.slot)
}

// ParseCursor reads what String has written; "" is where the first page begins.
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

// match reports whether something of a job, in a state, is asked for.
func (q *Query) match(job, word string) bool {
	return (q.Words == nil || q.Words[word]) && (len(q.Jobs) == 0 || slices.Contains(q.Jobs, job))
}

// matchEnd reports whether something ended within the time that is asked for.
func (q *Query) matchEnd(end time.Time) bool {
	return !end.Before(q.Since) && (q.Until.IsZero() || end.Before(q.Until))
}

// wantsAny reports whether one of the words is asked for.
func (q *Query) wantsAny(words ...string) bool {
	return q.Words == nil || slices.ContainsFunc(words, func(w string) bool { return q.Words[w] })
}

// skew is how far the clocks that ends were stamped with may be apart.
const skew = time.Minute

// tooOld reports whether all that was recorded before the given time ended before since.
func (q *Query) tooOld(recorded time.Time) bool {
	return recorded.Before(q.Since.Add(-skew))
}

// only returns the job if the list is of one, whose records can be read without those of others; else "".
func (q *Query) only() string {
	if len(q.Jobs) == 1 {
		return q.Jobs[0]
	}
	return ""
}

// record returns the newest record of the history that the page may have.
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
	next    *Cursor // where the next page begins; nil if there is none
}

// openPage returns the part of what is open, newest first, that is in the page.
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

// visit looks at a record of the history, of which older is the next one. take is called for one that is in the page and
// returns how much output it has. visit returns false at the end of the page.
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

// before returns the number that a list begins before if it begins at a record, 0 if that is the newest.
func before(record uint64) uint64 {
	if record == math.MaxUint64 {
		return 0
	}
	return record + 1
}
