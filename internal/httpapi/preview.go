package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/forecast"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// How many instants of a job are shown.
const (
	defaultInstants = 10
	maxInstants     = 1000
)

// previewJSON is when a job would be due, and where it would run.
type previewJSON struct {
	Schedule  string        `json:"schedule"`
	Text      string        `json:"schedule_text"` // the same in words
	Timezone  string        `json:"timezone"`      // in which the schedule is read
	Disabled  bool          `json:"disabled"`      // the instants are those that it would have if it were not
	Instants  []instantJSON `json:"instants"`
	Truncated bool          `json:"truncated,omitempty"` // there may be more: looking for them took too long
	WaitsFor  []string      `json:"waits_for,omitempty"` // parents; a job with parents has no instants
	Targets   targetsJSON   `json:"targets"`
	Warnings  []warningJSON `json:"warnings,omitempty"` // what is doubtful about it
}

type instantJSON struct {
	At    time.Time `json:"at"`
	Local string    `json:"local"`
	DST   string    `json:"dst"` // what the clock does at that moment; see forecast.Instant
}

// targetsJSON is the nodes of this region that would be chosen among now.
type targetsJSON struct {
	Nodes    []string `json:"nodes"`    // sure to be chosen: none if count leaves a choice
	Count    int      `json:"count"`    // how many are chosen
	Matching []string `json:"matching"` // among these
}

// previewQuery is how many instants are asked for, and from when on.
type previewQuery struct {
	n    int
	from time.Time // zero: after now
}

func parsePreviewQuery(v url.Values) (q previewQuery, err error) {
	q.n = defaultInstants
	if s := v.Get("n"); v.Has("n") {
		if q.n, err = strconv.Atoi(s); err != nil || q.n < 1 || q.n > maxInstants {
			return q, respond.Refuse(http.StatusBadRequest, "n must be an integer from 1 to %d, not %q", maxInstants, respond.Shorten(s))
		}
	}
	if s := v.Get("from"); v.Has("from") {
		if q.from, err = time.Parse(time.RFC3339, s); err != nil {
			return q, respond.Refuse(http.StatusBadRequest, `from must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not %q`, respond.Shorten(s))
		}
	}
	return q, nil
}

// previewJob answers what is to come of a job that is stored.
func (a *api) previewJob(w http.ResponseWriter, r *http.Request) error {
	q, err := parsePreviewQuery(r.URL.Query())
	if err != nil {
		return err
	}
	var job *dkron.Job
	err = a.Store.View(func(tx *state.Tx) (err error) {
		job, err = tx.Job(r.PathValue("job"))
		return err
	})
	if err != nil {
		return err
	}
	after := q.from.Add(-1)
	if q.from.IsZero() {
		after = a.now()
	}
	// As they were when it was written: that an instant or expires_at has passed since then is as it should be.
	return a.writePreview(w, r, job, a.problems(job, job.UpdatedAt), nil, after, q.n)
}

// preview answers what would come of a job if it were stored now. It needs only a schedule.
func (a *api) preview(w http.ResponseWriter, r *http.Request) error {
	q, err := parsePreviewQuery(r.URL.Query())
	if err != nil {
		return err
	}
	record, err := a.readJob(w, r)
	if err != nil {
		return err
	}
	job := &record.Job
	if err := validateDraft(*job); err != nil {
		return invalidJob(err)
	}
	now := a.now()
	stored, err := a.anchor(job, now)
	if err != nil {
		return err
	}
	problems := a.problems(job, now)
	if !q.from.IsZero() {
		return a.writePreview(w, r, job, problems, nil, q.from.Add(-1), q.n)
	}
	// @after that is written within its grace period is due at once.
	var first []time.Time
	if stored != job.Schedule && forecast.AtOnce(job, now) {
		first = []time.Time{now.UTC()}
	}
	return a.writePreview(w, r, job, problems, first, now, q.n)
}

// validateDraft is Validate for a job that may have no name yet.
func validateDraft(job dkron.Job) error {
	if job.Name == "" {
		job.Name = "draft"
	}
	return job.Validate()
}

// anchor gives a job the creation that it has, or would get, since @every counts from it, and its children. It returns the schedule that
// is stored, "" if there is no job of that name.
func (a *api) anchor(job *dkron.Job, now time.Time) (schedule string, err error) {
	job.CreatedAt = now
	if job.Name == "" {
		return "", nil
	}
	err = a.Store.View(func(tx *state.Tx) error {
		old, err := tx.Job(job.Name)
		if errors.Is(err, dkron.ErrNotFound) {
			return nil
		}
		if err == nil {
			job.CreatedAt, schedule, job.DependentJobs = old.CreatedAt, old.Schedule, old.DependentJobs
		}
		return err
	})
	return schedule, err
}

// waitsFor returns the jobs that cause this one to run. Its own schedule then means nothing.
func waitsFor(job *dkron.Job) (names []string) {
	for _, p := range job.AllParents() {
		names = append(names, p.Job)
	}
	return names
}

func (a *api) writePreview(
	w http.ResponseWriter, r *http.Request, job *dkron.Job, problems []dkron.Problem, first []time.Time, after time.Time, n int,
) error {
	out := previewJSON{
		Schedule: job.Schedule, Text: a.wording.Of(job), Timezone: job.Timezone, Disabled: job.Disabled, Instants: []instantJSON{},
		WaitsFor: waitsFor(job), Targets: newTargetsJSON(forecast.TargetsOf(a.nodes(), job.Tags)),
		Warnings: newWarningsJSON(problems),
	}
	if len(out.WaitsFor) > 0 {
		return respond.JSON(w, r, http.StatusOK, out)
	}
	p, err := forecast.Upcoming(job, first, after, n)
	if err != nil {
		return invalidJob(dkron.Invalid("can't parse job schedule: %w", err))
	}
	out.Timezone, out.Truncated = p.Zone.String(), p.Truncated
	for _, one := range p.Instants {
		out.Instants = append(out.Instants, instantJSON{one.At, one.Local.Format(time.RFC3339Nano), one.DST})
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

// nodes returns the live nodes of this server's region.
func (a *api) nodes() (nodes []dkron.Node) {
	members := a.Cluster.Members()
	region := ""
	for _, m := range members {
		if m.Name == a.NodeName {
			region = m.Tags["region"]
		}
	}
	for _, m := range members {
		if m.Status == MemberAlive && m.Tags["region"] == region {
			nodes = append(nodes, dkron.Node{Name: m.Name, Tags: m.Tags})
		}
	}
	return nodes
}

// newTargetsJSON has empty lists for those that are missing.
func newTargetsJSON(t forecast.Targets) targetsJSON {
	return targetsJSON{append([]string{}, t.Nodes...), t.Count, append([]string{}, t.Matching...)}
}
