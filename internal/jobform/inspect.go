package jobform

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/jobfile"
	"dkron/internal/near"
	"dkron/internal/respond"
)

// Inspected is a job of a file, as far as it can be read, and the problems of reading it.
type Inspected struct {
	Record   dkron.Record
	Label    string // the job's name, or its position if it has none
	Problems []dkron.Problem
	Body     *Body // nil if it is no object

	unread []dkron.Problem // of Problems: fields that can't be read
	item   *jobfile.Item
}

// Inspect reads the jobs of a file as DecodeRecords does, but reads on after a job or field that can't be read.
func Inspect(items []jobfile.Item) []Inspected {
	jobs := make([]Inspected, 0, len(items))
	for i := range items {
		jobs = append(jobs, inspect(&items[i], i))
	}
	return jobs
}

func inspect(item *jobfile.Item, index int) Inspected {
	one := Inspected{Label: fmt.Sprintf("job number %d", index+1), item: item}
	switch {
	case item.Raw == nil && item.Name != "":
		one.Label = item.Name
		return one
	case item.Raw == nil:
		return one
	case item.Raw[0] != '{':
		one.Problems = []dkron.Problem{{Text: "a job must be an object, not " + describe(item.Raw), Severity: dkron.Refused}}
		return one
	}
	one.read(item.Raw)
	return one
}

// read reads the fields of a job's object.
func (one *Inspected) read(raw json.RawMessage) {
	refuse := func(err error) {
		if err != nil {
			text := err.Error()
			field, _, _ := strings.Cut(text, " ")
			one.Problems = append(one.Problems, dkron.Problem{Field: field, Text: text, Severity: dkron.Refused})
		}
	}
	b := new(Body)
	err := eachField(raw, func(key string, value json.RawMessage) error {
		refuse(b.set(key, value))
		return nil
	})
	progress, wrong := b.finish()
	refuse(err)
	refuse(wrong)
	one.Record, one.Body = dkron.Record{Job: b.Job, Progress: progress}, b
	if b.Job.Name != "" {
		one.Label = b.Job.Name
	}
	one.unread = one.Problems
	one.Problems = append(slices.Clone(one.Problems), b.UnknownFields()...)
}

// Line returns the line of the file that has a field of the job, or the job.
func (one *Inspected) Line(field string) int { return one.item.Find(field).Line }

// UnknownFields returns a problem for each field that no job has, with the field that its author probably meant.
func (b *Body) UnknownFields() (problems []dkron.Problem) {
	for i, path := range b.Unknown {
		if slices.Contains(b.Unknown[:i], path) {
			continue
		}
		path = respond.Shorten(path)
		text := path + " is unknown and ignored"
		if meant := meantBy(path); meant != "" {
			text += "; did you mean " + meant + "?"
		}
		problems = append(problems, dkron.Problem{Field: path, Text: text})
	}
	return problems
}

func meantBy(path string) string {
	known := []string{
		"catchup.policy", "catchup.window", "dst.gap", "dst.overlap", "history.age", "history.bytes", "history.count",
		"objectives.deadline", "objectives.expected_duration", "objectives.max_lateness", "objectives.max_silence",
		"parents.job", "parents.on", "retry_backoff.factor", "retry_backoff.initial", "retry_backoff.max",
	}
	for key := range jobFields {
		if !readOnly[key] {
			known = append(known, key)
		}
	}
	slices.Sort(known)
	index := position.FindString(path)
	meant := near.Nearest(strings.Replace(path, index, "", 1), known)
	if list, key, inside := strings.Cut(meant, "."); inside && index != "" {
		return list + index + "." + key
	}
	return meant
}

// position is the place in a list within a path.
var position = regexp.MustCompile(`\[\d+\]`)

// readOnly is the fields that nobody means to write.
var readOnly = map[string]bool{
	"id": true, "status": true, "updated_by": true, "queued": true, "running": true, "success_count": true,
	"error_count": true, "last_success": true, "last_error": true, "dependent_jobs": true, "next": true,
	"created_at": true, "updated_at": true, "revision": true, "schedule_text": true, "launch_id": true,
	"health": true, "health_since": true, "failure_streak": true, "stopped_count": true, "last_launch": true, "recent_launches": true,
}
