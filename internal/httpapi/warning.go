package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

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
	out.add("", a.reviewer().Problems(j, a.now()))
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
		out.add(fmt.Sprintf("job %q: ", respond.Shorten(j.Name)), a.reviewer().Problems(j, a.now()))
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
