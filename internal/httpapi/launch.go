package httpapi

import (
	"net/http"
	"slices"

	"dkron"
	"dkron/internal/history"
	"dkron/internal/launchform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

func (a *api) listLaunches(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	p, err := respond.ParsePage(v)
	if err != nil {
		return err
	}
	only := dkron.LaunchState(v.Get("state"))
	var found []*launchform.Launch
	err = a.Store.View(func(tx *state.Tx) error {
		record, err := history.Record(tx, r.PathValue("job"))
		if err != nil {
			return err
		}
		return history.Launches(tx, record, func(l *dkron.Launch) bool {
			if only == "" || l.State == only {
				found = append(found, launchform.New(l))
			}
			return true
		})
	})
	if err != nil {
		return err
	}
	return respond.List(w, r, len(found), respond.Cut(p, found))
}

// launch returns a launch of a job by its group, or ErrNotFound.
func (a *api) launch(job string, group int64) (*dkron.Launch, error) {
	return read(a, func(tx *state.Tx) (*dkron.Launch, error) { return history.Launch(tx, job, group) })
}

func (a *api) getLaunch(w http.ResponseWriter, r *http.Request) error {
	job, group, err := dkron.ParseLaunchID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var launch *dkron.Launch
	var executions []*dkron.Execution
	err = a.Store.View(func(tx *state.Tx) (err error) {
		if launch, err = history.Launch(tx, job, group); err == nil {
			executions, err = history.LaunchExecutions(tx, launch)
		}
		return err
	})
	if err != nil {
		return err
	}
	a.addLive(r.Context(), executions)
	slices.SortFunc(executions, history.CompareID)
	list := make([]*launchform.Execution, 0, len(executions))
	for _, e := range executions {
		one := launchform.NewExecution(e)
		limitOutput(one, r.URL.Query())
		list = append(list, one)
	}
	out := launchform.New(launch).Whole(launch.Change)
	out.Executions, out.Usage = list, new(launchform.Usage)
	if a.Trace != nil {
		out.TraceURL = a.Trace(out.ID)
	}
	for _, e := range list {
		out.Add(e.CPUSeconds, e.MaxRSS)
	}
	return respond.JSON(w, r, http.StatusOK, out)
}
