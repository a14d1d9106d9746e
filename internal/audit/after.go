package audit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/roster"
	"dkron/internal/state"
)

// mark is how far somebody who follows the audit has come: the numbers of the next records. Those of shares are the same on all
// servers, so any server can go on.
type mark struct {
	Edits uint64            `json:"e"`
	Work  uint64            `json:"w"`
	Own   map[string]uint64 `json:"s"` // by server
	Began time.Time         `json:"t"` // a server that is not in Own could not be asked before; what it has from then on is new
}

func parseMark(text string) (*mark, error) {
	m := new(mark)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, m)
	}
	if err != nil || m.Edits == 0 || m.Work == 0 || m.Began.IsZero() {
		return nil, dkron.Invalid("after %.40q is not a place in the audit; leave its value out once, and then use that of next in the answer before", text)
	}
	if m.Own == nil {
		m.Own = make(map[string]uint64)
	}
	return m, nil
}

func (m *mark) String() string {
	raw, _ := json.Marshal(m) //nolint:errchkjson // numbers and a time
	return base64.RawURLEncoding.EncodeToString(raw)
}

// fresh is records after a mark, oldest first.
type fresh struct {
	list []Found
	pass func(number uint64) // moves the mark to a record
}

// After returns the records since a mark that a query selects, oldest first, and in Next the mark after them. An empty mark is the
// present: the page has no records. A server that does not answer is named, and its records come later.
func (f *Finder) After(ctx context.Context, q Query, after string, limit int) (*Page, error) {
	if after == "" {
		return f.present(ctx)
	}
	at, err := parseMark(after)
	if err != nil {
		return nil, err
	}
	limit = min(max(limit, 1), MostAtOnce)
	var sources []fresh
	for share, letter := range map[state.Share]string{state.Edits: "c", state.Work: "w"} {
		s, err := f.freshIn(share, letter, at, &q, limit)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	own, missing, err := f.freshOwn(ctx, at, &q)
	if err != nil {
		return nil, err
	}
	sources = append(sources, own...)
	page := &Page{Missing: missing}
	for len(page.Records) < limit {
		var oldest *fresh
		for i := range sources {
			if s := &sources[i]; len(s.list) > 0 && (oldest == nil || s.list[0].At.Before(oldest.list[0].At)) {
				oldest = s
			}
		}
		if oldest == nil {
			break
		}
		page.Records = append(page.Records, oldest.list[0])
		oldest.list = oldest.list[1:]
	}
	for _, s := range sources {
		if len(s.list) > 0 {
			s.pass(s.list[0].Number)
		}
	}
	page.Next = at.String()
	return page, nil
}

// present returns a page without records, and the mark of now.
func (f *Finder) present(ctx context.Context) (*Page, error) {
	at := &mark{Own: make(map[string]uint64), Began: clock.Now().UTC()}
	err := f.Store.View(func(tx *state.Tx) error {
		_, at.Edits = tx.AuditEnds(state.Edits)
		_, at.Work = tx.AuditEnds(state.Work)
		return nil
	})
	if err != nil {
		return nil, err
	}
	answers, missing, err := f.askAll(ctx, func(roster.Server) *Question { return &Question{Limit: 1} })
	if err != nil {
		return nil, err
	}
	for server, a := range answers {
		at.Own[server] = 1
		if len(a.Records) > 0 {
			at.Own[server] = a.Records[0].Number + 1
		}
	}
	return &Page{Next: at.String(), Missing: missing}, nil
}

// freshIn returns selected records of a share of the state, and moves the mark after what it has looked at.
func (f *Finder) freshIn(share state.Share, letter string, at *mark, q *Query, limit int) (s fresh, err error) {
	place := &at.Edits
	if share == state.Work {
		place = &at.Work
	}
	s.pass = func(number uint64) { *place = number }
	seen := 0
	err = f.Store.View(func(tx *state.Tx) error {
		first, next := tx.AuditEnds(share)
		if *place > next || *place < first { // of a cluster that was founded anew, or not kept any more
			*place = first
		}
		return tx.AuditFrom(share, *place, func(r *dkron.AuditRecord) bool {
			seen++
			*place = r.Number + 1
			if q.Selects(r) {
				s.list = append(s.list, Found{*r, fmt.Sprintf("%s%d", letter, r.Number)})
			}
			return len(s.list) < limit && seen < portion
		})
	})
	return s, err
}

// freshOwn returns selected records that servers have of their own, and moves the mark after what it has looked at.
func (f *Finder) freshOwn(ctx context.Context, at *mark, q *Query) (all []fresh, missing []string, err error) {
	answers, missing, err := f.askAll(ctx, func(s roster.Server) *Question {
		if number, ok := at.Own[s.ID]; ok {
			return &Question{From: number, Limit: MostAtOnce}
		}
		return &Question{Query: Query{From: at.Began}, Limit: MostAtOnce}
	})
	for server, a := range answers {
		s := fresh{pass: func(number uint64) { at.Own[server] = number }}
		if _, known := at.Own[server]; !known {
			slices.Reverse(a.Records)
		}
		for _, r := range a.Records {
			at.Own[server] = r.Number + 1
			if q.Selects(&r) {
				s.list = append(s.list, Found{r, fmt.Sprintf("%s/%d", server, r.Number)})
			}
		}
		all = append(all, s)
	}
	return all, missing, err
}

// askAll asks all servers for records of their own, and returns the answers by server, and the servers that gave none.
func (f *Finder) askAll(ctx context.Context, question func(roster.Server) *Question) (answers map[string]*Answer, missing []string, err error) {
	servers, err := f.Servers.Servers()
	if err != nil {
		return nil, nil, err
	}
	if _, ok := roster.Find(servers, f.Name); !ok { // it is not part of the cluster any more, or not yet
		servers = append(servers, roster.Server{ID: f.Name})
	}
	got, failures := make([]*Answer, len(servers)), make([]error, len(servers))
	limited, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var asked sync.WaitGroup
	for i, s := range servers {
		q := question(s)
		asked.Go(func() {
			if s.ID == f.Name {
				got[i], failures[i] = f.Local.Before(q)
				return
			}
			got[i], failures[i] = f.Servers.OwnAudit(limited, s, q)
		})
	}
	asked.Wait()
	answers = make(map[string]*Answer)
	for i, s := range servers {
		if failures[i] != nil {
			missing = append(missing, s.ID)
			continue
		}
		answers[s.ID] = got[i]
	}
	slices.Sort(missing)
	return answers, missing, nil
}
