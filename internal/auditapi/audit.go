package auditapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron"
	"dkron/internal/audit"
	"dkron/internal/httpserver"
	"dkron/internal/respond"
)

type api struct{ *audit.Finder }

// Routes returns the endpoints.
func Routes(f *audit.Finder) []httpserver.Route {
	a := &api{f}
	return []httpserver.Route{{Path: "/v1/audit", Methods: map[string]httpserver.Endpoint{"GET": a.list}}}
}

// pageJSON is a part of the records, newest first.
type pageJSON struct {
	Records []*audit.Form `json:"records"`
	Next    *string       `json:"next"`    // null: there are no more
	Missing []string      `json:"missing"` // servers that could not be asked for what only they know
}

const defaultLimit = 100

// list answers with a page of records, or with all of them as lines.
func (a *api) list(w http.ResponseWriter, r *http.Request) error {
	q, err := parse(r.URL.Query())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	if q.lines {
		return a.export(w, r, q)
	}
	find, from := a.Find, q.before
	if q.follows {
		find, from = a.After, q.after
	}
	page, err := find(r.Context(), q.Query, from, q.limit)
	if err != nil {
		return err
	}
	out := pageJSON{Records: forms(page), Missing: append([]string{}, page.Missing...)}
	if page.Next != "" {
		out.Next = &page.Next
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

func forms(p *audit.Page) []*audit.Form {
	list := make([]*audit.Form, len(p.Records))
	for i := range p.Records {
		list[i] = audit.NewForm(&p.Records[i])
	}
	return list
}

// export answers with lines, as many as are asked for, or all. A failure after the first page ends the answer before its time.
func (a *api) export(w http.ResponseWriter, r *http.Request, q *query) error {
	left := q.limit
	for first := true; first || q.before != ""; first = false {
		limit := audit.MostAtOnce
		if left > 0 {
			limit = min(limit, left)
		}
		page, err := a.Find(r.Context(), q.Query, q.before, limit)
		switch {
		case err != nil && first:
			return err
		case err != nil:
			panic(http.ErrAbortHandler) // a part must not look complete
		case first:
			w.Header().Set("Content-Type", "application/x-ndjson")
			w.Header().Set("X-Missing-Servers", strings.Join(page.Missing, ","))
		}
		out := json.NewEncoder(w)
		for _, f := range forms(page) {
			if out.Encode(f) != nil {
				return nil // the client is gone
			}
		}
		q.before = page.Next
		if left > 0 {
			if left -= len(page.Records); left <= 0 {
				return nil
			}
		}
	}
	return nil
}

// query is what a client asks for.
type query struct {
	audit.Query
	before string
	limit  int // 0: all, of lines
	lines  bool

	follows bool // records after a place are asked for, oldest first
	after   string
}

var known = []string{"who", "action", "kind", "object", "job", "from", "to", "refused", "limit", "before", "after", "format", "pretty", "consistent"}

// parse reads the parameters. An unknown one is refused: whoever looks for something must not overlook what it hides.
func parse(v url.Values) (*query, error) {
	for name := range v {
		if !slices.Contains(known, name) {
			return nil, dkron.Invalid("%.40q is no parameter of the audit; there are who, action, kind, object, job, from, to, refused, limit, before, after and format", name)
		}
	}
	q := &query{Query: audit.Query{Who: v.Get("who"), Action: v.Get("action"), Kind: v.Get("kind"), Object: v.Get("object"), Job: v.Get("job")}, before: v.Get("before")}
	switch format := v.Get("format"); format {
	case "", "json":
		q.limit = defaultLimit
	case "ndjson":
		q.lines = true
	default:
		return nil, dkron.Invalid("format must be json or ndjson, got %.40q", format)
	}
	q.follows, q.after = v.Has("after"), v.Get("after")
	if q.follows && (q.lines || v.Has("before")) {
		return nil, dkron.Invalid("after gets what is new, in pages, oldest first; leave before and format=ndjson out")
	}
	switch text := v.Get("refused"); text {
	case "":
	case "true":
		q.Refused = audit.Only
	case "false":
		q.Refused = audit.Never
	default:
		return nil, dkron.Invalid("refused must be true or false, got %.40q", text)
	}
	if text := v.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > audit.MostAtOnce && !q.lines {
			return nil, dkron.Invalid("limit must be a number from 1 to %d, got %.40q", audit.MostAtOnce, text)
		}
		q.limit = n
	}
	for _, t := range []struct {
		name string
		to   *time.Time
	}{{"from", &q.From}, {"to", &q.To}} {
		if text := v.Get(t.name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, dkron.Invalid("%s must be a time such as 2026-12-01T22:00:00Z, got %.40q", t.name, text)
			}
			*t.to = at
		}
	}
	return q, nil
}
