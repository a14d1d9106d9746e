package audit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"dkron"
	"dkron/internal/roster"
	"dkron/internal/state"
)

const (
	// askTime limits the wait for another server's own records.
	askTime = 3 * time.Second
	// portion is how many records are read in one view of the state, which must be short.
	portion = 2000
	// MostAtOnce is the most records of a page.
	MostAtOnce = 1000
)

// Servers is the servers of the cluster.
type Servers interface {
	Servers() ([]roster.Server, error)
	// OwnAudit asks a server for its own records.
	OwnAudit(ctx context.Context, server roster.Server, q *Question) (*Answer, error)
}

// Finder finds records of the whole cluster.
type Finder struct {
	Name    string // of this server
	Store   *state.Store
	Local   *Local
	Servers Servers
}

// Found is a record, and its id, which is unique in the cluster.
type Found struct {
	dkron.AuditRecord
	ID string
}

// Page is a part of what was found, newest first.
type Page struct {
	Records []Found
	Next    string   // the cursor of the page after it; "": this is the last one
	Missing []string // servers that could not be asked for their own records
}

// cursor is where a page begins.
type cursor struct {
	Edits  uint64            `json:"e,omitempty"` // the number before which the page has records
	Work   uint64            `json:"w,omitempty"`
	Own    map[string]uint64 `json:"s,omitempty"` // by server
	Latest time.Time         `json:"t"`           // records of servers that are not in Own are not later
}

func parseCursor(text string) (*cursor, error) {
	c := &cursor{Edits: math.MaxUint64, Work: math.MaxUint64}
	if text == "" {
		return c, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, c)
	}
	if err != nil {
		return nil, dkron.Invalid("before %.40q is not a cursor; use the value of next in the answer before", text)
	}
	return c, nil
}

func (c *cursor) String() string {
	raw, _ := json.Marshal(c) //nolint:errchkjson // numbers and texts
	return base64.RawURLEncoding.EncodeToString(raw)
}

// source is records of one place, newest first.
type source struct {
	list []dkron.AuditRecord
	id   func(number uint64) string
	pass func(number uint64) // moves the cursor to a record
}

// Find returns the records that a query selects, from a cursor on; "" is the newest. The error is an ErrInvalid for a cursor that is none.
func (f *Finder) Find(ctx context.Context, q Query, before string, limit int) (*Page, error) {
	at, err := parseCursor(before)
	if err != nil {
		return nil, err
	}
	limit = min(max(limit, 1), MostAtOnce)
	sources, err := f.stored(ctx, at, &q, limit+1)
	if err != nil {
		return nil, err
	}
	own, missing, err := f.own(ctx, at, &q, limit+1)
	if err != nil {
		return nil, err
	}
	page := &Page{Missing: missing}
	page.fill(append(sources, own...), at, limit)
	return page, nil
}

// fill takes the newest records of all sources. If there are more, the cursor moves on.
func (p *Page) fill(sources []source, at *cursor, limit int) {
	for {
		var newest *source
		for i := range sources {
			if s := &sources[i]; len(s.list) > 0 && (newest == nil || s.list[0].At.After(newest.list[0].At)) {
				newest = s
			}
		}
		switch {
		case newest == nil:
			return
		case len(p.Records) == limit:
			p.Next = at.String()
			return
		}
		r := newest.list[0]
		newest.list = newest.list[1:]
		newest.pass(r.Number)
		at.Latest = r.At
		p.Records = append(p.Records, Found{r, newest.id(r.Number)})
	}
}

// stored returns the records in this server's state.
func (f *Finder) stored(ctx context.Context, at *cursor, q *Query, limit int) ([]source, error) {
	edits := source{id: func(n uint64) string { return fmt.Sprintf("c%d", n) }, pass: func(n uint64) { at.Edits = n }}
	work := source{id: func(n uint64) string { return fmt.Sprintf("w%d", n) }, pass: func(n uint64) { at.Work = n }}
	if q.Refused == Only {
		return nil, nil
	}
	err := f.Store.View(func(tx *state.Tx) error { // what is added while somebody turns pages belongs on none of them
		_, edited := tx.AuditEnds(state.Edits)
		_, worked := tx.AuditEnds(state.Work)
		at.Edits, at.Work = min(at.Edits, edited), min(at.Work, worked)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if edits.list, err = f.share(ctx, state.Edits, at.Edits, q, limit); err == nil {
		work.list, err = f.share(ctx, state.Work, at.Work, q, limit)
	}
	return []source{edits, work}, err
}

// share returns selected records of a share of the state before a number.
func (f *Finder) share(ctx context.Context, s state.Share, before uint64, q *Query, limit int) (list []dkron.AuditRecord, err error) {
	for more := true; more && err == nil; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		more = false
		seen := 0
		err = f.Store.View(func(tx *state.Tx) error {
			return tx.AuditBefore(s, before, func(r *dkron.AuditRecord) bool {
				seen++
				before = r.Number
				if q.Selects(r) {
					list = append(list, *r)
				}
				more = len(list) < limit
				return more && seen < portion
			})
		})
		more = more && seen == portion
	}
	return list, err
}

// own returns the servers' own records, and the servers that could not be asked.
func (f *Finder) own(ctx context.Context, at *cursor, q *Query, limit int) (all []source, missing []string, err error) {
	if at.Own == nil {
		at.Own = make(map[string]uint64)
	}
	answers, missing, err := f.askAll(ctx, func(s roster.Server) *Question {
		question := &Question{Query: *q, Before: at.Own[s.ID], Limit: uint64(limit)} // it is positive
		if question.Before == 0 && !at.Latest.IsZero() && (q.To.IsZero() || q.To.After(at.Latest)) {
			question.Query.To = at.Latest.Add(1)
		}
		return question
	})
	for server, a := range answers {
		all = append(all, source{
			list: a.Records, id: func(n uint64) string { return fmt.Sprintf("%s/%d", server, n) },
			pass: func(n uint64) { at.Own[server] = n },
		})
	}
	return all, missing, err
}
