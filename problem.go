package dkron

import (
	"strings"
	"time"

	"dkron/cron"
)

// Severity says what happens to a write of a job that has a problem.
type Severity int

// The severities, from the least.
const (
	Doubtful Severity = iota // stored, with a warning
	Hopeless                 // refused, but stored with a warning if it comes from a backup or an earlier revision
	Refused                  // refused at every write
)

// Problem is something in a job that is probably a mistake.
type Problem struct {
	Field    string // of the job as clients write it, such as executor_config.url
	Text     string // a sentence without its full stop: what is wrong, what happens because of it, and what would be right
	Severity Severity
}

// Refusal returns the problems of severity from and above as one ErrInvalid, nil if there is none.
func Refusal(problems []Problem, from Severity) error {
	var texts []string
	for _, p := range problems {
		if p.Severity >= from {
			texts = append(texts, p.Text)
		}
	}
	if texts == nil {
		return nil
	}
	return Invalid("%s", strings.Join(texts, "; "))
}

// Problems returns what is doubtful about a job that is written at the instant at: what never fires, what fires
// differently than it seems to, and what is ignored. Problems of its executor's configuration are not included.
func (j *Job) Problems(at time.Time) (problems []Problem) {
	add := func(field, text string) {
		problems = append(problems, Problem{Field: field, Text: field + " " + text})
	}
	if j.Ephemeral && len(j.DependentJobs) > 0 {
		add("ephemeral", "does not apply: the job is kept after its success, since "+some(j.DependentJobs)+" waits for it; "+
			"remove the children, or set ephemeral to false")
	}
	if j.Child() && j.Schedule != "" && j.Schedule != "@manually" {
		add("schedule", "is ignored, since parents launch the job; leave it out, or remove the parents")
	}
	if j.ChecksIn() && j.Concurrency != "" && j.Concurrency != Allow {
		add("concurrency", "has no effect, since dkron does not run the job; leave it out")
	}
	if text := j.Metadata["runbook"]; text != "" && !webAddress(text) {
		add("metadata.runbook", "is not a web address, so the page shows no link to it; begin it with https:// or http://")
	}
	switch {
	case j.NeverOpen():
		add("expires_at", "is before starts_at, so the job never fires; make it later, or leave one of them out")
		return problems
	case !j.ExpiresAt.IsZero() && j.ExpiresAt.Before(at):
		add("expires_at", "has passed, so the job never fires; make it later, or leave it out")
		return problems
	}
	if text := j.neverDue(at); text != "" {
		add("schedule", text)
		return problems
	}
	for _, r := range j.remarks() {
		add("schedule", r.Text)
	}
	return problems
}

// webAddress reports whether a text is an address that the page makes a link of.
func webAddress(text string) bool {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(text), "://")
	return (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")) && strings.Trim(rest, "/") != "" && !strings.ContainsAny(rest, " \t\n")
}

// NeverOpen reports whether StartsAt and ExpiresAt leave no time at which the job may run.
func (j *Job) NeverOpen() bool {
	return !j.StartsAt.IsZero() && !j.ExpiresAt.IsZero() && j.ExpiresAt.Before(j.StartsAt)
}

// neverDue returns why the job is never due from an instant on; "" if it is, or need not be.
func (j *Job) neverDue(at time.Time) string {
	if j.Child() {
		return ""
	}
	s, err := j.Parse()
	if err != nil || s.Kind() == cron.KindManual || !j.After(s, at).IsZero() {
		return ""
	}
	first := s.First(at)
	open := !at.Before(j.StartsAt)
	for _, r := range j.remarks() {
		if r.Never {
			return r.Text
		}
	}
	switch {
	case first.Equal(at) && open: // @after within its grace period
		return ""
	case first.IsZero() && s.Kind() == cron.KindAt:
		return "never fires: its instant has passed; choose a future one"
	case first.IsZero() && s.Kind() == cron.KindAfter:
		return "never fires: its instant and the grace period after it have passed; choose a future instant"
	case !first.IsZero() && (!j.StartsAt.IsZero() || !j.ExpiresAt.IsZero()):
		return "never fires: it is not due between starts_at and expires_at; change one of the three"
	}
	return "never fires: it has no future due time"
}

func (j *Job) remarks() []cron.Remark {
	if j.Child() {
		return nil
	}
	return cron.Remarks(j.Schedule, cron.Options{Zone: j.Timezone, Name: j.Name})
}

// some names the first of a list for people, unless that name is too long.
func some(names []string) string {
	switch first := names[0]; {
	case len(first) > 64:
		return "another job"
	case len(names) == 1:
		return first
	default:
		return first + " and others"
	}
}
