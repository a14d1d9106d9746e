package httpapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/forecast"
	"dkron/internal/index"
	"dkron/internal/respond"
)

// Limits of a search: each word is searched in every job.
const (
	maxWords      = 10
	maxSearchText = 200
)

// listQuery selects and orders jobs.
type listQuery struct {
	index.Query
	none   bool // no job can match
	recent int  // number of each job's newest launches in the answer
}

// parseListQuery parses the query of a list. Parameters without a leading underscore, and those for pages and order,
// are as lenient as in v4; invalid values of the others are refused.
func parseListQuery(v url.Values, now time.Time) (q *listQuery, err error) {
	q = new(listQuery)
	q.Desc = v.Get("_order") == "DESC"
	p, err := respond.ParsePage(v)
	if err != nil {
		return nil, err
	}
	q.Start, q.End = p.Start, p.End
	if q.Order, err = parseOrder(v.Get("_sort"), v.Get("_nulls"), q.Desc, now); err != nil {
		return nil, err
	}
	if q.recent, err = parseRecent(v); err != nil {
		return nil, err
	}
	return q, q.parseFilter(v, now)
}

// parseSelection parses the filters of a list of jobs, and their names, for other lists.
func parseSelection(v url.Values, now time.Time) (forecast.Selection, error) {
	q := new(listQuery)
	err := q.parseFilter(v, now)
	return forecast.Selection{Jobs: given(v, "job"), Filter: &q.Filter, None: q.none}, err
}

func (q *listQuery) parseFilter(v url.Values, now time.Time) (err error) {
	f := &q.Filter
	f.Now = now
	if f.Health, err = parseHealth(v); err != nil {
		return err
	}
	f.Part, f.Metadata = v.Get("q"), labels(v, "metadata")
	if s := v.Get("status"); s != "" {
		status := dkron.Status(s)
		if s == "untriggered" {
			status = ""
		}
		f.Status = &status
	}
	switch v.Get("disabled") {
	case "":
	case "true", "false":
		disabled := v.Get("disabled") == "true"
		f.Disabled = &disabled
	default:
		q.none = true
	}
	return q.parseAdded(v)
}

// parseAdded parses the filters that v4 does not have.
func (q *listQuery) parseAdded(v url.Values) error {
	f := &q.Filter
	for _, name := range []string{"_owner", "_executor", "_parent", "_child", "_ephemeral", "_open", "_confirm", "_search"} {
		if len(v[name]) > 1 {
			return respond.Refuse(http.StatusBadRequest, "%s must be given once, got it %d times", name, len(v[name]))
		}
	}
	f.Owner, f.Executor, f.Parent, f.Tags = v.Get("_owner"), v.Get("_executor"), v.Get("_parent"), labels(v, "_tag")
	if f.Parent != "" {
		if err := dkron.ValidateName(f.Parent); err != nil {
			return respond.Refuse(http.StatusBadRequest, "_parent must be the name of a job: %s", err)
		}
	}
	for name, filter := range map[string]**bool{"_child": &f.Child, "_ephemeral": &f.Ephemeral, "_open": &f.Open, "_confirm": &f.Confirm} {
		switch s := v.Get(name); s {
		case "":
		case "true", "false":
			wanted := s == "true"
			*filter = &wanted
		default:
			return respond.Refuse(http.StatusBadRequest, `%s must be "true" or "false", got %q`, name, respond.Shorten(s))
		}
	}
	for name := range v {
		if strings.HasPrefix(name, "_tag") && (name == "_tag" || name[4] == '[') {
			if key, ok := labelKey(name, "_tag"); !ok || key == "" {
				return respond.Refuse(http.StatusBadRequest, "tags are matched with _tag[KEY]=VALUE, got %q", respond.Shorten(name))
			}
		}
	}
	return q.parseSearch(v.Get("_search"))
}

func (q *listQuery) parseSearch(text string) error {
	words := strings.FieldsFunc(strings.ToLower(text), unicode.IsSpace)
	switch {
	case len(text) > maxSearchText:
		return respond.Refuse(http.StatusBadRequest, "_search must have at most %d bytes, got %d", maxSearchText, len(text))
	case len(words) > maxWords:
		return respond.Refuse(http.StatusBadRequest, "_search must have at most %d words, got %d", maxWords, len(words))
	}
	q.Filter.Words = words
	return nil
}

// labels returns the query's pairs name[KEY]=VALUE, each once.
func labels(v url.Values, name string) []index.Label {
	var out []index.Label
	for param, values := range v {
		key, ok := labelKey(param, name)
		for i := 0; ok && i < len(values); i++ {
			out = append(out, index.Label{Key: key, Value: values[i]})
		}
	}
	slices.SortFunc(out, func(a, b index.Label) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value)) })
	return slices.Compact(out)
}

func labelKey(param, name string) (key string, ok bool) {
	key, opened := strings.CutPrefix(param, name+"[")
	key, closed := strings.CutSuffix(key, "]")
	return key, opened && closed
}

// parseOrder returns the order that _sort names; the default is by name. _nulls places jobs without that time, also in
// a descending list, which is an ascending one read from its end.
func parseOrder(field, nulls string, desc bool, now time.Time) (index.Order, error) {
	if nulls != "" && nulls != "first" && nulls != "last" {
		return index.Order{}, respond.Refuse(http.StatusBadRequest, `_nulls must be "first" or "last", got %q`, respond.Shorten(nulls))
	}
	if field == "" {
		return index.Order{}, nil
	}
	o, known := index.OrderBy(field, now)
	if !known {
		return o, unknownSort(field, strings.Join(index.OrderFields(), ", "))
	}
	if nulls != "" {
		o = o.Nulls((nulls == "last") != desc)
	}
	return o, nil
}

func unknownSort(field, known string) error {
	return respond.Refuse(http.StatusBadRequest, "_sort by %q is not possible, use one of %s", respond.Shorten(field), known)
}

func (q *listQuery) find(jobs *index.Index) ([]*index.Entry, int) {
	if q.none {
		return nil, 0
	}
	return jobs.List(&q.Query)
}

func (a *api) listJobs(w http.ResponseWriter, r *http.Request) error {
	q, err := parseListQuery(r.URL.Query(), a.now())
	if err != nil {
		return err
	}
	q.Filter.May = access.Sees(r.Context())
	found, total := q.find(a.Store.Index())
	return a.writeJobs(w, r, &jobList{total: total, entries: found, recent: q.recent})
}

// asks reports whether a query has a parameter that needs no value. The values false, 0 and no, in any case, count as
// absent.
func asks(v url.Values, name string) bool {
	switch strings.ToLower(v.Get(name)) {
	case "false", "0", "no":
		return false
	}
	return v.Has(name)
}
