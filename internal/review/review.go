package review

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"dkron"
	"dkron/internal/near"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// Planner returns the plan of a restore without doing it. It refuses what the restore would refuse.
type Planner interface {
	CheckRestore(ctx context.Context, jobs []dkron.Record) (*dkron.RestorePlan, error)
}

// Reviewer judges jobs by themselves, by the executors, and by the jobs that this server has stored.
type Reviewer struct {
	Store *state.Store
	// Judge returns the problems of a job's executors and of their configuration. nil: there are none.
	Judge   func(*dkron.Job) []dkron.Problem
	Planner Planner // nil: restores can't be planned
	Now     func() time.Time
	Logger  *slog.Logger
}

// Problems returns what is doubtful about a job that is written at the given time. It reads the jobs stored on this
// server, so that a write made by the leader gets the same warnings here as there.
func (r *Reviewer) Problems(j *dkron.Job, at time.Time) (found []dkron.Problem) {
	if r.Judge != nil {
		found = r.Judge(j)
	}
	found = append(found, j.Problems(at)...)
	parent, err := r.ephemeralParent(j)
	switch {
	case err != nil:
		r.Logger.Warn("warnings of a write are incomplete: the parents of the job can't be read", "job", j.Name, "error", err)
	case parent != "":
		parent = respond.Shorten(parent)
		found = append(found, dkron.Problem{Field: "parents", Text: fmt.Sprintf(
			"parents has %s, which is ephemeral and is kept after its success as long as it has children; set its ephemeral to false", parent)})
	}
	return slices.Concat(found, r.missingChannels(j), r.doubtfulSecrets(j))
}

// missingChannels says of each channel that the job names and nobody has created which one may be meant.
func (r *Reviewer) missingChannels(j *dkron.Job) (found []dkron.Problem) {
	if len(j.Channels) == 0 {
		return nil
	}
	var known []string
	err := r.Store.View(func(tx *state.Tx) error {
		all, err := tx.StoredChannels()
		for _, c := range all {
			known = append(known, c.Name)
		}
		return err
	})
	if err != nil {
		r.Logger.Warn("warnings of a write are incomplete: the channels can't be read", "job", j.Name, "error", err)
		return nil
	}
	for _, name := range j.Channels {
		if slices.Contains(known, name) {
			continue
		}
		text := fmt.Sprintf("channels has %s, which does not exist: nothing is sent through it until somebody creates it", name)
		if like := near.Nearest(name, known); like != "" {
			text += "; did you mean " + like + "?"
		}
		found = append(found, dkron.Problem{Field: "channels", Text: text})
	}
	return found
}

// ephemeralParent returns an ephemeral parent that its children keep from being deleted, "" if there is none.
func (r *Reviewer) ephemeralParent(j *dkron.Job) (name string, err error) {
	if !j.Child() {
		return "", nil
	}
	err = r.Store.View(func(tx *state.Tx) error {
		for _, p := range j.AllParents() {
			parent, err := tx.Job(p.Job)
			if errors.Is(err, dkron.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if parent.Ephemeral {
				name = p.Job
				return nil
			}
		}
		return nil
	})
	return name, err
}

// Draft checks a job that is not written yet and may lack a name. It sets the creation time, from which @every counts,
// and the children, as they are or would be when stored. It returns the stored schedule, "" if there is no job of that
// name.
func (r *Reviewer) Draft(job *dkron.Job, now time.Time) (schedule string, err error) {
	named := *job
	if named.Name == "" {
		named.Name = "draft"
	}
	if err := named.Validate(); err != nil {
		return "", err
	}
	job.CreatedAt = now
	if job.Name == "" {
		return "", nil
	}
	err = r.Store.View(func(tx *state.Tx) error {
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
