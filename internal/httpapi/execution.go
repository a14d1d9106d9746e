package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dkron"
	"dkron/internal/history"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// liveTime limits the wait for live output.
const liveTime = 2 * time.Second

// executionJSON is an execution as clients read it. The keys up to output_truncated are the public contract; the others
// were added later.
type executionJSON struct {
	ID              string    `json:"id,omitempty"`
	JobName         string    `json:"job_name,omitempty"`
	StartedAt       time.Time `json:"started_at"`
	FinishedAt      time.Time `json:"finished_at"`
	Success         bool      `json:"success"`
	Output          string    `json:"output,omitempty"`
	NodeName        string    `json:"node_name,omitempty"`
	Group           int64     `json:"group,omitempty"`
	Attempt         uint64    `json:"attempt,omitempty"`
	OutputTruncated *bool     `json:"output_truncated,omitempty"` // only in lists of a job

	LaunchID    string        `json:"launch_id"`
	Outcome     dkron.Outcome `json:"outcome,omitempty"` // empty while it runs
	Error       string        `json:"error,omitempty"`
	ExitCode    *int64        `json:"exit_code,omitempty"`
	OutputSize  uint64        `json:"output_size"` // bytes written in total, including those not kept
	ScheduledAt *time.Time    `json:"scheduled_at"`
	LatenessMS  int64         `json:"lateness_ms"`  // after its scheduled time; of a retry, after the end of its pause
	CPUSeconds  *float64      `json:"cpu_seconds"`  // nil while it runs, and where it was not measured
	MaxRSS      *uint64       `json:"max_rss"`      // bytes
	MemoryLimit *uint64       `json:"memory_limit"` // bytes
	LeftRunning []string      `json:"left_running,omitempty"`

	StopRequestedAt *time.Time `json:"stop_requested_at,omitempty"`
	StopRequestedBy string     `json:"stop_requested_by,omitempty"`
	StopReason      string     `json:"stop_reason,omitempty"`
}

func newExecutionJSON(e *dkron.Execution) *executionJSON {
	out := &executionJSON{
		ID: e.ID(), JobName: e.JobName, StartedAt: respond.UTC(e.StartedAt), FinishedAt: respond.UTC(e.FinishedAt),
		Success: e.Outcome == dkron.Success, Output: string(outputText(e)), NodeName: e.NodeName, Group: e.Group,
		Attempt: e.Attempt, LaunchID: e.LaunchID(), Outcome: e.Outcome, Error: e.Error, OutputSize: e.OutputSize,
		ScheduledAt: respond.Nullable(e.Nominal), LatenessMS: e.Lateness().Milliseconds(),
		LeftRunning: e.LeftRunning,
	}
	if e.Stop != nil {
		out.StopRequestedAt, out.StopRequestedBy, out.StopReason = respond.Nullable(e.Stop.At), e.Stop.By, e.Stop.Reason
	}
	if e.ExitCode != nil {
		out.ExitCode = &e.ExitCode.Code
	}
	if u := e.Usage; u != nil {
		seconds := u.CPU.Seconds()
		out.CPUSeconds, out.MaxRSS, out.MemoryLimit = &seconds, known(u.MaxRSS), known(u.MemoryLimit)
	}
	return out
}

// known returns nil for 0.
func known(n uint64) *uint64 {
	if n == 0 {
		return nil
	}
	return &n
}

// outputText returns the error line and the output, at most MaxOutput bytes together. Only the output is cut.
func outputText(e *dkron.Execution) []byte {
	text := e.Text()
	if over := len(text) - dkron.MaxOutput; over > 0 && over <= len(e.Output) {
		short := *e
		short.Output = tail(e.Output, len(e.Output)-over)
		return short.Text()
	}
	return tail(text, dkron.MaxOutput)
}

// tail returns the last n bytes, or slightly fewer so as not to split a character.
func tail(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	text = text[len(text)-n:]
	for i := 0; i < len(text) && i < utf8.UTFMax; i++ {
		if utf8.RuneStart(text[i]) {
			return text[i:]
		}
	}
	if len(text) < utf8.UTFMax {
		return nil // the end of a longer character
	}
	return text
}

// compareID orders executions by id as a number: by trigger, attempt and node.
func compareID(a, b *dkron.Execution) int {
	return cmp.Or(cmp.Compare(a.Group+int64(a.Attempt), b.Group+int64(b.Attempt)), strings.Compare(a.NodeName, b.NodeName))
}

// executionOrder parses _sort and _order of a list of executions.
func executionOrder(v url.Values) (func(a, b *dkron.Execution) int, error) {
	by := compareID
	switch field := v.Get("_sort"); field {
	case "", "id":
	case "started_at":
		by = func(a, b *dkron.Execution) int { return a.StartedAt.Compare(b.StartedAt) }
	case "finished_at":
		by = func(a, b *dkron.Execution) int { return a.FinishedAt.Compare(b.FinishedAt) }
	case "attempt":
		by = func(a, b *dkron.Execution) int { return cmp.Compare(a.Attempt, b.Attempt) }
	default:
		return nil, unknownSort(field, "id, started_at, finished_at, attempt")
	}
	sign := 1
	if !v.Has("_order") || v.Get("_order") == "DESC" {
		sign = -1
	}
	return func(a, b *dkron.Execution) int { return sign * cmp.Or(by(a, b), compareID(a, b)) }, nil
}

func (a *api) listExecutions(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	p, err := respond.ParsePage(v)
	if err != nil {
		return err
	}
	compare, err := executionOrder(v)
	if err != nil {
		return err
	}
	var record *dkron.Record
	var found []*dkron.Execution
	now := a.now()
	err = a.Store.View(func(tx *state.Tx) (err error) {
		if record, err = history.Record(tx, r.PathValue("job")); err != nil {
			return err
		}
		return history.Executions(tx, record, func(e *dkron.Execution) {
			if history.Begun(e, now) {
				found = append(found, e)
			}
		})
	})
	if err != nil {
		return err
	}
	slices.SortFunc(found, compare)
	zone := jobZone(&record.Job)
	var list []*executionJSON
	for _, e := range respond.Cut(p, found) {
		out := newExecutionJSON(e)
		out.StartedAt, out.FinishedAt = inZone(out.StartedAt, zone), inZone(out.FinishedAt, zone)
		out.OutputTruncated = new(bool)
		out.limitOutput(v)
		list = append(list, out)
	}
	return respond.List(w, r, len(found), list)
}

// limitOutput cuts the output to output_size_limit, and says so where the form has a key for it.
func (e *executionJSON) limitOutput(v url.Values) {
	limit, err := strconv.Atoi(v.Get("output_size_limit"))
	if err != nil || limit < 0 || len(e.Output) <= limit {
		return
	}
	e.Output = string(tail([]byte(e.Output), limit))
	if e.OutputTruncated != nil {
		*e.OutputTruncated = true
	}
}

func jobZone(j *dkron.Job) *time.Location {
	if j.Timezone == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(j.Timezone)
	if err != nil {
		return time.UTC // this server's zone database is older
	}
	return zone
}

// inZone leaves the zero time unchanged.
func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}

func (a *api) getExecution(w http.ResponseWriter, r *http.Request) error {
	found, err := a.execution(r.PathValue("job"), r.PathValue("id"))
	if err != nil {
		return err
	}
	a.addLive(r.Context(), []*dkron.Execution{found})
	return respond.JSON(w, r, http.StatusOK, newExecutionJSON(found))
}

// execution returns an execution of a job by its id, or ErrNotFound.
func (a *api) execution(job, id string) (found *dkron.Execution, err error) {
	err = a.Store.View(func(tx *state.Tx) (err error) {
		found, err = history.Execution(tx, job, id)
		return err
	})
	return found, err
}

// addLive adds to running executions what they have written so far.
func (a *api) addLive(ctx context.Context, executions []*dkron.Execution) {
	if a.Live == nil {
		return
	}
	var keys []dkron.ExecutionKey
	for _, e := range executions {
		if e.FinishedAt.IsZero() {
			keys = append(keys, e.Key)
		}
	}
	if len(keys) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, liveTime)
	defer cancel()
	live := make(map[dkron.ExecutionKey]dkron.Chunk)
	for _, c := range a.Live.Output(ctx, keys, nil) {
		live[c.Key] = c
	}
	for _, e := range executions {
		if c, ok := live[e.Key]; ok && e.FinishedAt.IsZero() {
			e.Output = c.Data
			e.OutputSize = max(e.OutputSize, c.Offset+uint64(len(c.Data)))
		}
	}
}

func (a *api) clearExecutions(w http.ResponseWriter, r *http.Request) error {
	stored, err := request.Do(r.Context(), a.Controller, &request.ClearExecutions{Job: r.PathValue("job")})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, a.jobJSON(&stored.Record))
}
