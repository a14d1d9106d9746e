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

	"dkron"
	"dkron/internal/history"
	"dkron/internal/launchform"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// liveTime limits the wait for live output.
const liveTime = 2 * time.Second

// executionOrder parses _sort and _order of a list of executions.
func executionOrder(v url.Values) (func(a, b *dkron.Execution) int, error) {
	field := cmp.Or(v.Get("_sort"), "id")
	compare, ok := history.ExecutionOrder(field, !v.Has("_order") || v.Get("_order") == "DESC")
	if !ok {
		return nil, unknownSort(field, strings.Join(history.ExecutionOrders, ", "))
	}
	return compare, nil
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
	var list []*launchform.Execution
	for _, e := range respond.Cut(p, found) {
		out := launchform.NewExecution(e)
		out.StartedAt, out.FinishedAt = inZone(out.StartedAt, zone), inZone(out.FinishedAt, zone)
		out.OutputTruncated = new(bool)
		limitOutput(out, v)
		list = append(list, out)
	}
	return respond.List(w, r, len(found), list)
}

// limitOutput cuts the output to output_size_limit.
func limitOutput(e *launchform.Execution, v url.Values) {
	if limit, err := strconv.Atoi(v.Get("output_size_limit")); err == nil && limit >= 0 {
		e.LimitOutput(limit)
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
	return respond.JSON(w, r, http.StatusOK, launchform.NewExecution(found))
}

// execution returns an execution of a job by its id, or ErrNotFound.
func (a *api) execution(job, id string) (*dkron.Execution, error) {
	return read(a, func(tx *state.Tx) (*dkron.Execution, error) { return history.Execution(tx, job, id) })
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
