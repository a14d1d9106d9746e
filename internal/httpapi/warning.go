package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// problems returns what is doubtful about a job that is written at the given time. It reads the jobs stored on this
// server, so that a write made by the leader gets the same warnings here as there.
func (a *api) problems(j *dkron.Job, at time.Time) (found []dkron.Problem) {
	if a.Judge != nil {
		found = a.Judge(j)
	}
	found = append(found, j.Problems(at)...)
	parent, err := a.ephemeralParent(j)
	switch {
	case err != nil:
		a.Logger.Warn("warnings of a write are incomplete: the parents of the job can't be read", "job", j.Name, "error", err)
	case parent != "":
		parent = respond.Shorten(parent)
		found = append(found, dkron.Problem{Field: "parents", Text: fmt.Sprintf(
			"parents has %s, which is ephemeral and is kept after its success as long as it has children; set its ephemeral to false", parent)})
	}
	return found
}

// ephemeralParent returns an ephemeral parent that its children keep from being deleted, "" if there is none.
func (a *api) ephemeralParent(j *dkron.Job) (name string, err error) {
	if !j.Child() {
		return "", nil
	}
	err = a.Store.View(func(tx *state.Tx) error {
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

// maxWarning limits a text in a header, in bytes: proxies refuse answers with large headers.
const maxWarning = 400

// warnings adds warnings about jobs to an answer, but no more than a client accepts in headers.
type warnings struct {
	w     http.ResponseWriter
	given int
	more  int
}

// add adds the problems of one job; prefix names the job if there are several.
func (s *warnings) add(prefix string, problems []dkron.Problem) {
	for _, p := range problems {
		if s.given++; s.given > maxWarnings {
			s.more++
			continue
		}
		text := p.Text
		if len(text) > maxWarning {
			text = strings.ToValidUTF8(text[:maxWarning], "") + "…"
		}
		warn(s.w, prefix+text)
	}
}

// end adds the number of omitted warnings.
func (s *warnings) end() {
	if s.more > 0 {
		warn(s.w, fmt.Sprintf("and %d more warnings", s.more))
	}
}

// warnJob adds warnings about the job that was just written.
func (a *api) warnJob(w http.ResponseWriter, j *dkron.Job) {
	out := &warnings{w: w}
	out.add("", a.problems(j, a.now()))
	out.end()
}

// warnJobs does so for the jobs of a restore. Jobs that are stored by now are read from the state: only that shows a
// job's children.
func (a *api) warnJobs(w http.ResponseWriter, jobs []dkron.Record) error {
	out := &warnings{w: w}
	for i := range jobs {
		j := &jobs[i].Job
		err := a.Store.View(func(tx *state.Tx) error {
			stored, err := tx.Job(j.Name)
			if errors.Is(err, dkron.ErrNotFound) { // a dry run
				return nil
			}
			if err == nil {
				j.DependentJobs = stored.DependentJobs
			}
			return err
		})
		if err != nil {
			return err
		}
		out.add(fmt.Sprintf("job %q: ", respond.Shorten(j.Name)), a.problems(j, a.now()))
	}
	out.end()
	return nil
}

// warningJSON is a warning of a preview.
type warningJSON struct {
	Field   string `json:"field"`
	Text    string `json:"text"`
	Refused bool   `json:"refused"` // a write would refuse such a job
}

func newWarningsJSON(problems []dkron.Problem) (out []warningJSON) {
	for _, p := range problems {
		out = append(out, warningJSON{p.Field, p.Text, p.Severity >= dkron.Hopeless})
	}
	return out
}
