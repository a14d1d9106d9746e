package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"dkron"
	"dkron/internal/jobform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// maxReviewed limits the problems, and the changes, of a review. The counts include those that are left out.
const maxReviewed = 2000

// reviewJSON is the plan of a restore with everything that is wrong with its jobs. The plan has the jobs without errors.
type reviewJSON struct {
	planJSON
	jobform.Found
	Changes []jobform.Change `json:"changes"`
}

// reviewRestore answers a dry run with all problems of all jobs, where planRestore refuses the first.
func (a *api) reviewRestore(w http.ResponseWriter, r *http.Request, file io.Reader) error {
	if a.Planner == nil {
		return respond.Refuse(http.StatusNotImplemented, "this server can't plan a restore; leave out ?dry_run")
	}
	jobs, err := jobform.Inspect(file)
	if err != nil {
		return unreadable(err)
	}
	if err := a.judgeAll(jobs); err != nil {
		return err
	}
	plan, err := a.planGood(r.Context(), jobs)
	if err != nil {
		return err
	}
	list := func(names []string) []string { return append([]string{}, names...) }
	out := &reviewJSON{
		planJSON: planJSON{list(plan.Create), list(plan.Update), list(plan.Unchanged)},
		Found:    jobform.Report(jobs, maxReviewed), Changes: []jobform.Change{},
	}
	if err := a.addChanges(out, jobs); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

// judgeAll adds to each job what is wrong with it, by itself and next to the others.
func (a *api) judgeAll(jobs []jobform.Inspected) error {
	count := make(map[string]int, len(jobs))
	for i := range jobs {
		count[jobs[i].Record.Job.Name]++
	}
	now := a.now()
	for i := range jobs {
		if jobs[i].Body == nil {
			continue
		}
		if err := a.judgeOne(&jobs[i], count, now); err != nil {
			return err
		}
	}
	return nil
}

func (a *api) judgeOne(one *jobform.Inspected, count map[string]int, now time.Time) error {
	job := &one.Record.Job
	for _, p := range job.Mistakes() {
		one.Add(p)
	}
	if job.Name != "" && count[job.Name] > 1 {
		one.Add(dkron.Problem{Field: "name", Text: fmt.Sprintf("job %q is there twice", respond.Shorten(job.Name)), Severity: dkron.Refused})
	}
	missing, err := a.missingParents(job, count)
	if err != nil {
		return err
	}
	for _, name := range missing {
		one.Add(dkron.Problem{Field: "parents", Severity: dkron.Refused,
			Text: fmt.Sprintf("parent %q is neither in the file nor stored", respond.Shorten(name))})
	}
	for _, p := range a.problems(job, now) {
		one.Add(p)
	}
	return nil
}

// missingParents returns the parents that are neither among the jobs nor stored. It completes the job by its children.
func (a *api) missingParents(job *dkron.Job, count map[string]int) (missing []string, err error) {
	err = a.Store.View(func(tx *state.Tx) error {
		stored, err := tx.Job(job.Name)
		if err == nil {
			job.DependentJobs = stored.DependentJobs
		} else if !errors.Is(err, dkron.ErrNotFound) {
			return err
		}
		for _, p := range job.AllParents() {
			if p.Job == "" || p.Job == job.Name || count[p.Job] > 0 {
				continue
			}
			if _, err := tx.Job(p.Job); errors.Is(err, dkron.ErrNotFound) {
				missing = append(missing, p.Job)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	return missing, err
}

// planGood plans the jobs without errors and without ancestors that have some. What only the plan finds, such as a
// circle of parents, becomes a problem of its job.
func (a *api) planGood(ctx context.Context, jobs []jobform.Inspected) (*dkron.RestorePlan, error) {
	plan, err := a.Planner.CheckRestore(ctx, jobform.Restorable(jobs))
	switch {
	case err == nil:
		return plan, nil
	case errors.Is(err, dkron.ErrInvalid), errors.Is(err, dkron.ErrNoParent):
		jobform.Blame(jobs, err.Error())
		return &dkron.RestorePlan{}, nil
	}
	return nil, err
}

// addChanges lists what the plan's updates would change.
func (a *api) addChanges(out *reviewJSON, jobs []jobform.Inspected) error {
	updated := make(map[string]bool, len(out.Update))
	for _, name := range out.Update {
		updated[name] = true
	}
	return a.Store.View(func(tx *state.Tx) error {
		for i := range jobs {
			job := &jobs[i].Record.Job
			if !updated[job.Name] {
				continue
			}
			if len(out.Changes) >= maxReviewed {
				out.Truncated = true
				return nil
			}
			old, err := tx.Job(job.Name)
			if errors.Is(err, dkron.ErrNotFound) { // deleted since
				continue
			}
			if err != nil {
				return err
			}
			changes, err := jobform.Changes(old, job)
			if err != nil {
				return err
			}
			out.Changes = append(out.Changes, changes...)
		}
		return nil
	})
}
