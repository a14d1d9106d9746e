package httpapi

import (
	"net/http"

	"dkron"
	"dkron/internal/history"
	"dkron/internal/respond"
	"dkron/internal/state"
)

var causeWords = []string{
	string(dkron.CauseSchedule), string(dkron.CauseCatchup), string(dkron.CauseManual), string(dkron.CauseCreate), string(dkron.CauseParent),
}

// listAllLaunches answers with launches of all jobs, one page at a time.
func (a *api) listAllLaunches(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	part, err := parseHistoryQuery(v, "state", history.LaunchStates)
	if err != nil {
		return err
	}
	q := &history.LaunchQuery{Query: *part}
	if q.Causes, err = parseWords(v, "cause", causeWords); err != nil {
		return err
	}
	var found []*dkron.Launch
	var next *history.Cursor
	err = a.Store.View(func(tx *state.Tx) (err error) {
		found, next, err = q.Page(tx, a.now())
		return err
	})
	if err != nil {
		return err
	}
	list := make([]*launchJSON, 0, len(found))
	for _, l := range found {
		list = append(list, newLaunchJSON(l))
	}
	tellNext(w, r, next)
	return respond.JSON(w, r, http.StatusOK, list)
}
