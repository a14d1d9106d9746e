package httpapi

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dkron/internal/access"
	"dkron/internal/forecast"
	"dkron/internal/index"
	"dkron/internal/respond"
)

// Limits of a list of due times.
const (
	defaultDue  = 100
	maxDue      = 5000
	maxDueNodes = 100
	dueTime     = 2 * time.Second // for the search; what was found by then is returned
	dueSpan     = 24 * time.Hour  // default
)

// dueJSON is the due times of a period; until is excluded.
type dueJSON struct {
	From      time.Time    `json:"from"`
	Until     time.Time    `json:"until"`
	Truncated bool         `json:"truncated"` // there are more after the last one
	Due       []firingJSON `json:"due"`
}

// firingJSON is one due time of one job. Nodes and count are as in a preview's targets, but with at most maxDueNodes
// names, since each row of a large fleet would be a long list.
type firingJSON struct {
	Job         string    `json:"job"`
	DisplayName string    `json:"displayname"`
	At          time.Time `json:"at"`
	Nodes       []string  `json:"nodes"`
	Count       int       `json:"count"`
}

// lastInstant is the last one that RFC 3339 can represent.
var lastInstant = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)

func parseDueQuery(v url.Values, now time.Time) (q forecast.Query, err error) {
	if q.Selection, err = parseSelection(v, now); err != nil {
		return q, err
	}
	if q.From, q.Until, err = parsePeriod(v, now); err != nil {
		return q, err
	}
	q.Limit, err = parseLimit(v, defaultDue, maxDue)
	return q, err
}

func parsePeriod(v url.Values, now time.Time) (from, until time.Time, err error) {
	if from, err = parseInstant(v, "from", now); err != nil {
		return from, until, err
	}
	later := from.Add(dueSpan)
	if later.After(lastInstant) {
		later = lastInstant
	}
	if until, err = parseInstant(v, "until", later); err == nil && until.Before(from) {
		err = respond.Refuse(http.StatusBadRequest, "until must not be before from, which is %s", from.Format(time.RFC3339))
	}
	return from, until, err
}

func parseLimit(v url.Values, absent, most int) (int, error) {
	s := v.Get("limit")
	if s == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, respond.Refuse(http.StatusBadRequest, "limit must be a number from 1 to %d, not %q", most, respond.Shorten(s))
	}
	return n, nil
}

// parseInstant parses a time that can be represented in UTC too; absent is the default.
func parseInstant(v url.Values, name string, absent time.Time) (time.Time, error) {
	t, err := parseTime(v, name)
	switch year := t.UTC().Year(); {
	case err != nil:
		return t, err
	case v.Get(name) == "":
		t = absent
	case year < 1 || year > 9999:
		return t, respond.Refuse(http.StatusBadRequest, "%s must be within the years 1 to 9999 in UTC, not %q", name, respond.Shorten(v.Get(name)))
	}
	return t.UTC(), nil
}

// getDue answers with due times, soonest first.
func (a *api) getDue(w http.ResponseWriter, r *http.Request) error {
	q, err := parseDueQuery(r.URL.Query(), a.now())
	if err != nil {
		return err
	}
	q.Filter.May = access.Sees(r.Context())
	out := dueJSON{From: q.From, Until: q.Until, Due: []firingJSON{}}
	targets := a.targeter()
	out.Truncated = forecast.Due(a.Store.Index(), &q, time.Now().Add(dueTime), func(f forecast.Firing) {
		t := targets(f.Job.Tags)
		out.Due = append(out.Due, firingJSON{f.Job.Name, f.Job.DisplayName, f.At, t.Nodes[:min(len(t.Nodes), maxDueNodes)], t.Count})
	})
	return respond.JSON(w, r, http.StatusOK, out)
}

// targeter returns a function from tags to a job's targets; it reads the members once.
func (a *api) targeter() func(index.Labels) targetsJSON {
	known := make(map[index.Labels]targetsJSON)
	nodes := a.nodes()
	return func(l index.Labels) targetsJSON {
		t, ok := known[l]
		if !ok {
			t = newTargetsJSON(forecast.TargetsOf(nodes, maps.Collect(l.All())))
			known[l] = t
		}
		return t
	}
}
