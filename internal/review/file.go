package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/jobform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// maxReviewed limits the problems, and the changes, of a review. The counts include those that are left out.
const maxReviewed = 2000

// File is the review of a file of jobs: what a restore would do with the jobs without errors, and everything that is
// wrong with the others.
type File struct {
	Plan    dkron.RestorePlan
	Found   jobform.Found
	Changes []jobform.Change // of the plan's updates
}

// File reviews the jobs of a file. It adds to each job what is wrong with it.
func (r *Reviewer) File(ctx context.Context, jobs []jobform.Inspected) (*File, error) {
	if err := r.judgeAll(jobs); err != nil {
		return nil, err
	}
	plan, err := r.planGood(ctx, jobs)
	if err != nil {
		return nil, err
	}
	out := &File{Plan: *plan, Found: jobform.Report(jobs, maxReviewed), Changes: []jobform.Change{}}
	return out, r.addChanges(out, jobs)
}

// judgeAll adds to each job what is wrong with it, by itself and next to the others.
func (r *Reviewer) judgeAll(jobs []jobform.Inspected) error {
	lines := make(map[string][]int, len(jobs)) // where the jobs of a name are
	for i := range jobs {
		if name := jobs[i].Record.Job.Name; name != "" {
			lines[name] = append(lines[name], jobs[i].Line("name"))
		}
	}
	now := r.Now()
	for i := range jobs {
		if jobs[i].Body == nil {
			continue
		}
		if err := r.judgeOne(&jobs[i], lines, now); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reviewer) judgeOne(one *jobform.Inspected, lines map[string][]int, now time.Time) error {
	job := &one.Record.Job
	for _, p := range job.Mistakes() {
		one.Add(p)
	}
	if text := twice(job.Name, lines[job.Name], one.Line("name")); text != "" {
		one.Add(dkron.Problem{Field: "name", Text: text, Severity: dkron.Refused})
	}
	missing, err := r.missingParents(job, lines)
	if err != nil {
		return err
	}
	for _, name := range missing {
		one.Add(dkron.Problem{Field: "parents", Severity: dkron.Refused,
			Text: fmt.Sprintf("parent %q is neither in the file nor stored", respond.Shorten(name))})
	}
	for _, p := range r.Problems(job, now) {
		one.Add(p)
	}
	return nil
}

// twice says which lines of the file have the name of a job, "" if only one entry has. own is the line of the entry.
func twice(name string, lines []int, own int) string {
	if len(lines) < 2 {
		return ""
	}
	at := lines[0]
	if at == own {
		at = lines[1]
	}
	text := fmt.Sprintf("job %q appears twice, on lines %d and %d", respond.Shorten(name), min(at, own), max(at, own))
	if at == own {
		text = fmt.Sprintf("job %q appears twice, on line %d", respond.Shorten(name), own)
	}
	if more := len(lines) - 2; more > 0 {
		text += fmt.Sprintf(", and %d times more", more)
	}
	return text + "; remove one of them, or give it another name"
}

// missingParents returns the parents that are neither among the jobs nor stored. It completes the job by its children.
func (r *Reviewer) missingParents(job *dkron.Job, lines map[string][]int) (missing []string, err error) {
	err = r.Store.View(func(tx *state.Tx) error {
		stored, err := tx.Job(job.Name)
		if err == nil {
			job.DependentJobs = stored.DependentJobs
		} else if !errors.Is(err, dkron.ErrNotFound) {
			return err
		}
		for _, p := range job.AllParents() {
			if p.Job == "" || p.Job == job.Name || len(lines[p.Job]) > 0 {
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
func (r *Reviewer) planGood(ctx context.Context, jobs []jobform.Inspected) (*dkron.RestorePlan, error) {
	plan, err := r.Planner.CheckRestore(ctx, jobform.Restorable(jobs))
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
func (r *Reviewer) addChanges(out *File, jobs []jobform.Inspected) error {
	updated := make(map[string]bool, len(out.Plan.Update))
	for _, name := range out.Plan.Update {
		updated[name] = true
	}
	return r.Store.View(func(tx *state.Tx) error {
		for i := range jobs {
			job := &jobs[i].Record.Job
			if !updated[job.Name] {
				continue
			}
			if len(out.Changes) >= maxReviewed {
				out.Found.Truncated = true
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
