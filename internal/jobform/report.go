package jobform

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/jobfile"
)

// Found is what is wrong with the jobs of a file. The counts include problems that are left out.
type Found struct {
	Errors    int       `json:"errors"`
	Warnings  int       `json:"warnings"`
	Problems  []Problem `json:"problems"`
	Truncated bool      `json:"truncated,omitempty"` // there are more problems or changes
}

// Problem is one problem of one job.
type Problem struct {
	Job      string `json:"job"`   // its name, or its position if it has none
	Field    string `json:"field"` // empty if it is not about one field
	Text     string `json:"text"`
	Severity string `json:"severity"` // error: a restore refuses the job; or warning
	Refused  bool   `json:"refused"`  // a create or replace refuses the job
	Line     int    `json:"line"`     // of the file, from 1: where the field is, or else the job
	Column   int    `json:"column"`   // in characters, from 1
}

// Add adds a problem, unless it is about a field whose value could not be read: that it is missing is no second mistake.
func (one *Inspected) Add(p dkron.Problem) {
	for _, q := range one.unread {
		if top(q.Field) == top(p.Field) {
			return
		}
	}
	one.Problems = append(one.Problems, p)
}

func top(path string) string {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return path
}

func (one *Inspected) refused() bool {
	return dkron.Refusal(one.Problems, dkron.Refused) != nil ||
		slices.ContainsFunc(one.item.Faults, func(f jobfile.Fault) bool { return !f.Doubtful })
}

// report returns all problems, of the text first.
func (one *Inspected) report() (list []Problem) {
	for _, f := range one.item.Faults {
		severity := "error"
		if f.Doubtful {
			severity = "warning"
		}
		list = append(list, Problem{one.Label, f.Field, f.Text, severity, !f.Doubtful, f.Line, f.Column})
	}
	for _, p := range one.Problems {
		severity := "error"
		if p.Severity < dkron.Refused {
			severity = "warning"
		}
		at := one.item.Find(p.Field)
		list = append(list, Problem{one.Label, p.Field, p.Text, severity, p.Severity >= dkron.Hopeless, at.Line, at.Column})
	}
	return list
}

// Report lists at most limit problems by their place, errors first: no warning takes the room of an error.
func Report(jobs []Inspected, limit int) Found {
	out := Found{Problems: []Problem{}}
	var warnings []Problem
	for i := range jobs {
		for _, p := range jobs[i].report() {
			if p.Severity == "warning" {
				warnings = append(warnings, p)
			} else {
				out.Problems = append(out.Problems, p)
			}
		}
	}
	byPlace(out.Problems)
	byPlace(warnings)
	out.Errors, out.Warnings = len(out.Problems), len(warnings)
	out.Problems = append(out.Problems, warnings...)
	if len(out.Problems) > limit {
		out.Problems, out.Truncated = out.Problems[:limit], true
	}
	return out
}

func byPlace(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
}

// Restorable returns the jobs without errors whose ancestors in the file have none either.
func Restorable(jobs []Inspected) (good []dkron.Record) {
	left := map[string]bool{}
	for i := range jobs {
		if jobs[i].refused() {
			left[jobs[i].Record.Job.Name] = true
		}
	}
	for again := len(left) > 0; again; {
		again = false
		for i := range jobs {
			job := &jobs[i].Record.Job
			for _, p := range job.AllParents() {
				if left[p.Job] && !left[job.Name] {
					left[job.Name], again = true, true
				}
			}
		}
	}
	for i := range jobs {
		if jobs[i].Body != nil && !left[jobs[i].Record.Job.Name] {
			good = append(good, jobs[i].Record)
		}
	}
	return good
}

// Blame adds an error about several jobs to the one that its text names first, or else to the first of the file.
func Blame(jobs []Inspected, text string) {
	p := dkron.Problem{Text: text, Severity: dkron.Refused}
	if strings.HasSuffix(text, "ancestor") {
		p.Field = "parents"
	}
	var name string
	_, _ = fmt.Sscanf(text, "job %q", &name) // without a name it stays empty
	for i := range jobs {
		if jobs[i].Record.Job.Name == name {
			jobs[i].Problems = append(jobs[i].Problems, p)
			return
		}
	}
	if len(jobs) > 0 {
		jobs[0].Problems = append(jobs[0].Problems, p)
	}
}
