package httpapi

import (
	"net/http"
	"slices"
	"time"

	"dkron"
	"dkron/internal/history"
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
	Unreached   uint64            `json:"unreached,omitempty"` // number of further nodes that it should have run on
	Missing     []string          `json:"missing,omitempty"`   // the first of those
	Count       uint64            `json:"count"`               // due times that the record covers
	Until       *time.Time        `json:"until"`               // the last of them, if there are several
	Parent      string            `json:"parent"`
	RequestedBy string            `json:"requested_by,omitempty"`
	StoppedBy   string            `json:"stopped_by,omitempty"`

	RerunOf      string     `json:"rerun_of,omitempty"`           // launch that it runs again
	RerunDue     *time.Time `json:"rerun_scheduled_at,omitempty"` // when that was due
	RerunAs      string     `json:"rerun_as,omitempty"`           // launch that runs it again
	Rerun        uint64     `json:"rerun,omitempty"`              // bulk request that made it
	WithChildren *bool      `json:"with_children,omitempty"`      // false: jobs that depend on it do not follow
	Changed      []string   `json:"changed,omitempty"`            // env, payload

	// Only of a single launch:
	Env        map[string]string `json:"env,omitempty"`
	Payload    *string           `json:"payload,omitempty"`
	Executions *[]*executionJSON `json:"executions,omitempty"`
	*launchUsage
}

// launchUsage is what the ended executions of a launch took, as far as it was measured.
type launchUsage struct {
	CPUSeconds *float64 `json:"cpu_seconds"` // of all
	MaxRSS     *uint64  `json:"max_rss"`     // of the largest, in bytes
}

func (u *launchUsage) add(e *executionJSON) {
	if e.CPUSeconds != nil {
		sum := *e.CPUSeconds
		if u.CPUSeconds != nil {
			sum += *u.CPUSeconds
		}
		u.CPUSeconds = &sum
	}
	if e.MaxRSS != nil && (u.MaxRSS == nil || *u.MaxRSS < *e.MaxRSS) {
		u.MaxRSS = e.MaxRSS
	}
}

func newLaunchJSON(l *dkron.Launch) *launchJSON {
	out := &launchJSON{
		ID: l.ID(), Job: l.Job, Group: l.Group, ScheduledAt: respond.UTC(l.Nominal), Cause: l.Cause, State: l.State,
		Reason: l.Reason, CreatedAt: respond.UTC(l.CreatedAt), EndedAt: respond.Nullable(l.EndedAt), Nodes: l.Nodes,
		Succeeded: l.Succeeded, Failed: l.Failed, Unreached: l.Unreached, Missing: l.Missing, Count: max(l.Count, 1), Until: respond.Nullable(l.Until), Parent: l.ParentID,
		RequestedBy: l.By, StoppedBy: l.StoppedBy, RerunOf: l.RerunOf, RerunDue: respond.Nullable(l.RerunDue), RerunAs: l.RerunAs,
		Rerun: l.Rerun,
	}
	if l.Alone {
		out.WithChildren = new(bool)
	}
	if l.Change != nil && len(l.Change.Env) > 0 {
		out.Changed = append(out.Changed, "env")
	}
	if l.Change != nil && l.Change.Payload != nil {
		out.Changed = append(out.Changed, "payload")
	}
	return out
}

// whole adds what only a single launch has, as it may be long.
func (l *launchJSON) whole(c *dkron.Change) *launchJSON {
	if c != nil {
		l.Env = c.Env
	}
	if c != nil && c.Payload != nil {
		l.Payload = &c.Payload.Text
	}
	return l
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
		record, err := history.Record(tx, r.PathValue("job"))
		if err != nil {
			return err
		}
		return history.Launches(tx, record, func(l *dkron.Launch) bool {
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

// launch returns a launch of a job by its group, or ErrNotFound.
func (a *api) launch(job string, group int64) (found *dkron.Launch, err error) {
	err = a.Store.View(func(tx *state.Tx) (err error) {
		found, err = history.Launch(tx, job, group)
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
	slices.SortFunc(executions, compareID)
	list := make([]*executionJSON, 0, len(executions))
	for _, e := range executions {
		one := newExecutionJSON(e)
		one.limitOutput(r.URL.Query())
		list = append(list, one)
	}
	out := newLaunchJSON(launch).whole(launch.Change)
	out.Executions, out.launchUsage = &list, new(launchUsage)
	for _, e := range list {
		out.add(e)
	}
	return respond.JSON(w, r, http.StatusOK, out)
}
