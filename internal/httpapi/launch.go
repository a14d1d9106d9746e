package httpapi

import (
	"net/http"
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// launchJSON is a launch as clients read it.
type launchJSON struct {
	ID          string            `json:"id"`
	Job         string            `json:"job"`
	Group       int64             `json:"group"`
	ScheduledAt time.Time         `json:"scheduled_at"`
	Cause       dkron.Cause       `json:"cause"`
	State       dkron.LaunchState `json:"state"`
	Reason      string            `json:"reason"`
	CreatedAt   time.Time         `json:"created_at"`
	EndedAt     *time.Time        `json:"ended_at"`
	Nodes       uint64            `json:"nodes"`
	Succeeded   uint64            `json:"succeeded"`
	Failed      uint64            `json:"failed"`
	Count       uint64            `json:"count"` // instants that the record stands for
	Until       *time.Time        `json:"until"` // the last of them, if there are more than one
	Parent      string            `json:"parent"`
	RequestedBy string            `json:"requested_by,omitempty"`
	StoppedBy   string            `json:"stopped_by,omitempty"`

	Executions *[]*executionJSON `json:"executions,omitempty"` // only of a single launch
}

func newLaunchJSON(l *dkron.Launch) *launchJSON {
	return &launchJSON{
		ID: l.ID(), Job: l.Job, Group: l.Group, ScheduledAt: utc(l.Nominal), Cause: l.Cause, State: l.State,
		Reason: l.Reason, CreatedAt: utc(l.CreatedAt), EndedAt: nullable(l.EndedAt), Nodes: l.Nodes,
		Succeeded: l.Succeeded, Failed: l.Failed, Count: max(l.Count, 1), Until: nullable(l.Until), Parent: l.ParentID,
		RequestedBy: l.By, StoppedBy: l.StoppedBy,
	}
}

// eachLaunch calls fn for the launches of a job until it returns false: those that have not ended, then the others,
// newest first.
func eachLaunch(tx *state.Tx, r *dkron.Record, fn func(*dkron.Launch) bool) error {
	open, err := openLaunches(tx, &r.Job)
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(open) {
		if !fn(l) {
			return nil
		}
	}
	return tx.LaunchHistory(&r.Progress, fn)
}

func (a *api) listLaunches(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	p, err := parsePage(v)
	if err != nil {
		return err
	}
	only := dkron.LaunchState(v.Get("state"))
	var found []*launchJSON
	err = a.Store.View(func(tx *state.Tx) error {
		record, err := readRecord(tx, r.PathValue("job"))
		if err != nil {
			return err
		}
		return eachLaunch(tx, record, func(l *dkron.Launch) bool {
			if only == "" || l.State == only {
				found = append(found, newLaunchJSON(l))
			}
			return true
		})
	})
	if err != nil {
		return err
	}
	return writeList(w, r, len(found), cut(p, found))
}

// findLaunch returns a launch of a job by its group, or ErrNotFound.
func findLaunch(tx *state.Tx, r *dkron.Record, group int64) (*dkron.Launch, error) {
	var found *dkron.Launch
	err := eachLaunch(tx, r, func(l *dkron.Launch) bool {
		if l.Group == group {
			found = l
		}
		return found == nil
	})
	if err == nil && found == nil {
		err = dkron.ErrNotFound
	}
	return found, err
}

// launch returns a launch of a job by its group, or ErrNotFound.
func (a *api) launch(job string, group int64) (found *dkron.Launch, err error) {
	err = a.Store.View(func(tx *state.Tx) error {
		record, err := readRecord(tx, job)
		if err == nil {
			found, err = findLaunch(tx, record, group)
		}
		return err
	})
	return found, err
}

func (a *api) getLaunch(w http.ResponseWriter, r *http.Request) error {
	job, group, err := dkron.ParseLaunchID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var launch *dkron.Launch
	var executions []*dkron.Execution
	err = a.Store.View(func(tx *state.Tx) error {
		record, err := readRecord(tx, job)
		if err != nil {
			return err
		}
		if launch, err = findLaunch(tx, record, group); err != nil {
			return err
		}
		return eachExecution(tx, record, func(e *dkron.Execution) {
			if e.Group == group {
				executions = append(executions, e)
			}
		})
	})
	if err != nil {
		return err
	}
	a.addLive(r.Context(), executions)
	slices.SortFunc(executions, compareID)
	list := make([]*executionJSON, 0, len(executions))
	for _, e := range executions {
		one := newExecutionJSON(e)
		one.limitOutput(r.URL.Query())
		list = append(list, one)
	}
	out := newLaunchJSON(launch)
	out.Executions = &list
	return writeJSON(w, r, http.StatusOK, out)
}
