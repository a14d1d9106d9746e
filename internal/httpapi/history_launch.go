package httpapi

import (
	"net/http"
	"net/url"
	"strconv"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/history"
	"dkron/internal/launchform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// listAllLaunches answers with launches of all jobs, one page at a time.
func (a *api) listAllLaunches(w http.ResponseWriter, r *http.Request) error {
	q, err := parseLaunchQuery(r.URL.Query(), history.LaunchStates)
	if err != nil {
		return err
	}
	q.May = access.SeesJob(r.Context())
	var found []*dkron.Launch
	var next *history.Cursor
	err = a.Store.View(func(tx *state.Tx) (err error) {
		found, next, err = q.Page(tx, a.now())
		return err
	})
	if err != nil {
		return err
	}
	list := make([]*launchform.Launch, 0, len(found))
	for _, l := range found {
		one := launchform.New(l)
		one.DisplayName = a.displayName(l.JobNumber)
		list = append(list, one)
	}
	tellNext(w, r, next)
	return respond.JSON(w, r, http.StatusOK, list)
}

// parseLaunchQuery parses the filters of launches. Their states are the given ones.
func parseLaunchQuery(v url.Values, states []string) (*history.LaunchQuery, error) {
	part, err := parseHistoryQuery(v, "state", states)
	if err != nil {
		return nil, err
	}
	q := &history.LaunchQuery{Query: *part}
	return q, parseCauses(v, q)
}

// parseLaunchWords parses the filters of launches that are words or numbers.
func parseLaunchWords(v url.Values, states []string, q *history.LaunchQuery) (err error) {
	if q.Words, err = parseWords(v, "state", states); err != nil {
		return err
	}
	return parseCauses(v, q)
}

func parseCauses(v url.Values, q *history.LaunchQuery) (err error) {
	if q.Causes, err = parseWords(v, "cause", history.Causes); err != nil {
		return err
	}
	if s := v.Get("rerun"); s != "" {
		if q.Rerun, err = strconv.ParseUint(s, 10, 64); err != nil || q.Rerun == 0 {
			return respond.Refuse(http.StatusBadRequest, "rerun must be the number of a rerun, not %q", respond.Shorten(s))
		}
	}
	return nil
}
