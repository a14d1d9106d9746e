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

// Limits of the due times of a preview.
const (
	defaultInstants = 10
	maxInstants     = 1000
)

// previewJSON is a job's next due times and its targets.
type previewJSON struct {
	Schedule  string        `json:"schedule"`
	Text      string        `json:"schedule_text"` // the same in words
	Timezone  string        `json:"timezone"`      // of the schedule
	Disabled  bool          `json:"disabled"`      // the due times are those that it would have if enabled
	Instants  []instantJSON `json:"instants"`
	Truncated bool          `json:"truncated,omitempty"` // the search took too long: there may be more
	WaitsFor  []string      `json:"waits_for,omitempty"` // parents; a job with parents has no due times of its own
	Targets   targetsJSON   `json:"targets"`
	Warnings  []warningJSON `json:"warnings,omitempty"` // doubtful settings
}

type instantJSON struct {
	At    time.Time `json:"at"`
	Local string    `json:"local"`
	DST   string    `json:"dst"` // how it relates to a clock change; see forecast.Instant
}

// targetsJSON is the nodes of this region that would be chosen now.
type targetsJSON struct {
	Nodes    []string `json:"nodes"`    // certain to be chosen: none if count leaves a choice
	Count    int      `json:"count"`    // number of nodes to choose
	Matching []string `json:"matching"` // the choice is among these
}

// previewQuery selects the number of due times and their start.
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

// previewJob answers with the preview of a stored job.
func (a *api) previewJob(w http.ResponseWriter, r *http.Request) error {
	q, err := parsePreviewQuery(r.URL.Query())
	if err != nil {
		return err
	}
	job, err := read(a, func(tx *state.Tx) (*dkron.Job, error) { return tx.Job(r.PathValue("job")) })
	if err != nil {
		return err
	}
	after := q.from.Add(-1)
	if q.from.IsZero() {
		after = a.now()
	}
	// As of the job's last write: a due time or expires_at that has passed since then is normal.
	return a.writePreview(w, r, job, a.reviewer().Problems(job, job.UpdatedAt), nil, after, q.n)
}

// preview answers with the preview of a job that is not stored. It needs only a schedule.
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
	now := a.now()
	stored, err := a.reviewer().Draft(job, now)
	if errors.Is(err, dkron.ErrInvalid) || errors.Is(err, dkron.ErrNoParent) {
		return invalidJob(err)
	}
	if err != nil {
		return err
	}
	problems := a.reviewer().Problems(job, now)
	if !q.from.IsZero() {
		return a.writePreview(w, r, job, problems, nil, q.from.Add(-1), q.n)
	}
	// @after within its grace period is due at once.
	var first []time.Time
	if stored != job.Schedule && forecast.AtOnce(job, now) {
		first = []time.Time{now.UTC()}
	}
	return a.writePreview(w, r, job, problems, first, now, q.n)
}

// waitsFor returns the jobs whose launches launch this one. Its own schedule is then ignored.
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

// newTargetsJSON replaces missing lists by empty ones.
func newTargetsJSON(t forecast.Targets) targetsJSON {
	return targetsJSON{append([]string{}, t.Nodes...), t.Count, append([]string{}, t.Matching...)}
}
