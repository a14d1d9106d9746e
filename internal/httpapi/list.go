package httpapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"dkron"
	"dkron/internal/state"
)

// Limits of a search: each word is looked for in every job.
const (
	maxWords      = 10
	maxSearchText = 200
)

// listQuery is what a client wants to see of the jobs, and in which order.
type listQuery struct {
	page
	filter state.Filter
	none   bool // no job can pass
	by     order
	desc   bool
}

// parseListQuery reads the query of a list. The parameters without an underscore in front, and those that page and
// sort, are as old clients know them; what is wrong in the others is refused.
func parseListQuery(v url.Values) (q *listQuery, err error) {
	q = &listQuery{desc: v.Get("_order") == "DESC"}
	if q.page, err = parsePage(v); err != nil {
		return nil, err
	}
	if q.by, err = parseOrder(v.Get("_sort"), v.Get("_nulls"), q.desc); err != nil {
		return nil, err
	}
	f := &q.filter
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
	return q, q.parseAdded(v)
}

// parseAdded reads the filters that v4 does not have.
func (q *listQuery) parseAdded(v url.Values) error {
	f := &q.filter
	for _, name := range []string{"_owner", "_executor", "_parent", "_child", "_ephemeral", "_search"} {
		if len(v[name]) > 1 {
			return refuse(http.StatusBadRequest, "%s must be given once, got it %d times", name, len(v[name]))
		}
	}
	f.Owner, f.Executor, f.Parent, f.Tags = v.Get("_owner"), v.Get("_executor"), v.Get("_parent"), labels(v, "_tag")
	if f.Parent != "" {
		if err := dkron.ValidateName(f.Parent); err != nil {
			return refuse(http.StatusBadRequest, "_parent must be the name of a job: %s", err)
		}
	}
	for name, filter := range map[string]**bool{"_child": &f.Child, "_ephemeral": &f.Ephemeral} {
		switch s := v.Get(name); s {
		case "":
		case "true", "false":
			wanted := s == "true"
			*filter = &wanted
		default:
			return refuse(http.StatusBadRequest, `%s must be "true" or "false", got %q`, name, shorten(s))
		}
	}
	for name := range v {
		if strings.HasPrefix(name, "_tag") && (name == "_tag" || name[4] == '[') {
			if key, ok := labelKey(name, "_tag"); !ok || key == "" {
				return refuse(http.StatusBadRequest, "tags are matched with _tag[KEY]=VALUE, got %q", shorten(name))
			}
		}
	}
	return q.parseSearch(v.Get("_search"))
}

func (q *listQuery) parseSearch(text string) error {
	words := strings.FieldsFunc(strings.ToLower(text), unicode.IsSpace)
	switch {
	case len(text) > maxSearchText:
		return refuse(http.StatusBadRequest, "_search must have at most %d bytes, got %d", maxSearchText, len(text))
	case len(words) > maxWords:
		return refuse(http.StatusBadRequest, "_search must have at most %d words, got %d", maxWords, len(words))
	}
	q.filter.Words = words
	return nil
}

// labels returns the pairs that stand in the query as name[KEY]=VALUE, each once.
func labels(v url.Values, name string) []state.Label {
	var out []state.Label
	for param, values := range v {
		key, ok := labelKey(param, name)
		for i := 0; ok && i < len(values); i++ {
			out = append(out, state.Label{Key: key, Value: values[i]})
		}
	}
	slices.SortFunc(out, func(a, b state.Label) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value)) })
	return slices.Compact(out)
}

func labelKey(param, name string) (key string, ok bool) {
	key, opened := strings.CutPrefix(param, name+"[")
	key, closed := strings.CutSuffix(key, "]")
	return key, opened && closed
}

// find returns the page that is asked for, and how many jobs pass the filters. Without filters, in order of name, it
// looks at the page only.
func (q *listQuery) find(x *state.Index) ([]*state.Entry, int) {
	switch {
	case q.none:
		return nil, 0
	case q.by == nil && q.filter.Empty():
		total := x.Len()
		from, to := q.window(total)
		return q.turn(x.Slice(from, to)), total
	}
	s := newSelection(q.by)
	defer s.free()
	x.Find(&q.filter, s.add)
	total := len(s.jobs)
	from, to := q.window(total)
	return q.turn(s.page(from, to)), total
}

// window returns where the page lies in a list that ascends: one that descends is the same list from its end.
func (q *listQuery) window(total int) (from, to int) {
	from, to = q.clip(total)
	if q.desc {
		from, to = total-to, total-from
	}
	return from, to
}

func (q *listQuery) turn(page []*state.Entry) []*state.Entry {
	if q.desc {
		slices.Reverse(page)
	}
	return page
}

func (a *api) listJobs(w http.ResponseWriter, r *http.Request) error {
	q, err := parseListQuery(r.URL.Query())
	if err != nil {
		return err
	}
	found, total := q.find(a.Store.Index())
	return a.writeJobs(w, r, total, found)
}
