package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"dkron"
	"dkron/internal/respond"
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
	Unreached   uint64            `json:"unreached,omitempty"` // nodes more that it was meant for
	Missing     []string          `json:"missing,omitempty"`   // the first of those
	Count       uint64            `json:"count"`               // instants that the record stands for
	Until       *time.Time        `json:"until"`               // the last of them, if there are more than one
	Parent      string            `json:"parent"`
	RequestedBy string            `json:"requested_by,omitempty"`
	StoppedBy   string            `json:"stopped_by,omitempty"`

	Executions *[]*executionJSON `json:"executions,omitempty"` // only of a single launch
}

func newLaunchJSON(l *dkron.Launch) *launchJSON {
	return &launchJSON{
		ID: l.ID(), Job: l.Job, Group: l.Group, ScheduledAt: utc(l.Nominal), Cause: l.Cause, State: l.State,
		Reason: l.Reason, CreatedAt: utc(l.CreatedAt), EndedAt: nullable(l.EndedAt), Nodes: l.Nodes,
		Succeeded: l.Succeeded, Failed: l.Failed, Unreached: l.Unreached, Missing: l.Missing, Count: max(l.Count, 1), Until: nullable(l.Until), Parent: l.ParentID,
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
	return respond.List(w, r, len(found), cut(p, found))
}

// findLaunch returns a launch of a job by its group, or ErrNotFound. One that runs is found although its job was deleted.
func findLaunch(tx *state.Tx, job string, group int64) (found *dkron.Launch, err error) {
	match := func(l *dkron.Launch) bool {
		if l.Group == group {
			found = l
		}
		return found == nil
	}
	open, err := openNamed(tx, job)
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(open) {
		if !match(l) {
			return found, nil
		}
	}
	record, err := readRecord(tx, job)
	if err != nil {
		return nil, err
	}
	if err = tx.LaunchHistory(&record.Progress, match); err == nil && found == nil {
		err = dkron.ErrNotFound
	}
	return found, err
}

// launch returns a launch of a job by its group, or ErrNotFound.
func (a *api) launch(job string, group int64) (found *dkron.Launch, err error) {
	err = a.Store.View(func(tx *state.Tx) (err error) {
		found, err = findLaunch(tx, job, group)
		return err
	})
	return found, err
}

// launchExecutions returns the executions of a launch, those that have not ended first. Of a deleted job only those are
// kept.
func launchExecutions(tx *state.Tx, l *dkron.Launch) (found []*dkron.Execution, err error) {
	add := func(e *dkron.Execution) bool {
		if e.Group == l.Group {
			found = append(found, e)
		}
		return true
	}
	if l.State.Open() {
		if err := tx.LaunchExecutions(l.Number, add); err != nil {
			return nil, err
		}
	}
	record, err := readRecord(tx, l.Job)
	if errors.Is(err, dkron.ErrNotFound) || err == nil && record.Job.Number != l.JobNumber {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	return found, tx.History(&record.Progress, add)
}

func (a *api) getLaunch(w http.ResponseWriter, r *http.Request) error {
	job, group, err := dkron.ParseLaunchID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var launch *dkron.Launch
	var executions []*dkron.Execution
	err = a.Store.View(func(tx *state.Tx) (err error) {
		if launch, err = findLaunch(tx, job, group); err == nil {
			executions, err = launchExecutions(tx, launch)
		}
		return err
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
	return respond.JSON(w, r, http.StatusOK, out)
}
