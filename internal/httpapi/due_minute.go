package httpapi

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dkron/internal/access"
	"dkron/internal/forecast"
	"dkron/internal/respond"
)

// Limits of the count by minute.
const (
	defaultDueHours = 24
	maxDueHours     = 48
)

// dueMinutesJSON is the number of due times in each minute from a start.
type dueMinutesJSON struct {
	From      time.Time `json:"from"`
	Counts    []int     `json:"counts"`
	Total     int       `json:"total"`
	Truncated bool      `json:"truncated"` // counting took too long: there may be more in any minute
}

func parseMinutesQuery(v url.Values, now time.Time) (q forecast.MinutesQuery, err error) {
	if q.Selection, err = parseSelection(v, now); err != nil {
		return q, err
	}
	q.Hours = defaultDueHours
	from, err := parseInstant(v, "from", now)
	if err != nil {
		return q, err
	}
	q.From = from.Truncate(time.Minute).Unix()
	if s := v.Get("hours"); s != "" {
		if q.Hours, err = strconv.Atoi(s); err != nil || q.Hours < 1 || q.Hours > maxDueHours {
			return q, respond.Refuse(http.StatusBadRequest, "hours must be a number from 1 to %d, not %q", maxDueHours, respond.Shorten(s))
		}
	}
	return q, nil
}

// getDueMinutes answers with the number of due times in each minute.
func (a *api) getDueMinutes(w http.ResponseWriter, r *http.Request) error {
	q, err := parseMinutesQuery(r.URL.Query(), a.now())
	if err != nil {
		return err
	}
	q.Filter.May = access.Sees(r.Context())
	out, err := a.counter.Count(r.Context(), a.Store.Index(), q)
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, dueMinutesJSON(*out))
}
