package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dkron/internal/history"
	"dkron/internal/respond"
)

// Limits of a page of the history.
const (
	defaultPage = 100
	maxPage     = 1000
)

// parseHistoryQuery parses the parameters of both lists. The parameter with the given name takes the given words.
func parseHistoryQuery(v url.Values, name string, words []string) (*history.Query, error) {
	q := &history.Query{Jobs: given(v, "job")}
	var err error
	if q.Words, err = parseWords(v, name, words); err != nil {
		return nil, err
	}
	if q.Since, err = parseTime(v, "since"); err != nil {
		return nil, err
	}
	if q.Until, err = parseTime(v, "until"); err != nil {
		return nil, err
	}
	if !q.Until.IsZero() && q.Until.Before(q.Since) {
		return nil, respond.Refuse(http.StatusBadRequest, "until must not be before since")
	}
	if q.Limit, err = parseLimit(v, defaultPage, maxPage); err != nil {
		return nil, err
	}
	var known bool
	if q.After, known = history.ParseCursor(v.Get("after")); !known {
		return nil, respond.Refuse(http.StatusBadRequest, "after must be the X-Next-Cursor of the page before, not %q", respond.Shorten(v.Get("after")))
	}
	return q, nil
}

// given returns the non-empty values of a parameter.
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

// tellNext sets the headers for the next page; nil: there is none.
func tellNext(w http.ResponseWriter, r *http.Request, next *history.Cursor) {
	if next == nil {
		return
	}
	to := *r.URL
	v := to.Query()
	v.Set("after", next.String())
	to.Scheme, to.Host, to.RawQuery = "", "", v.Encode()
	w.Header().Set("X-Next-Cursor", next.String())
	w.Header().Set("Link", "<"+to.String()+`>; rel="next"`)
}
