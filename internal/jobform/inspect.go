package jobform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"dkron"
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
}

// Inspect reads an array of jobs as DecodeRecords does, but reads on after a job or field that can't be read. It returns
// an error only if the text is no array of JSON values.
func Inspect(file io.Reader) (jobs []Inspected, err error) {
	d := json.NewDecoder(file)
	first, err := d.Token()
	if err != nil {
		return nil, Readable(err)
	}
	if first != json.Delim('[') {
		return nil, errors.New("the jobs must be an array of objects")
	}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, Readable(err)
		}
		jobs = append(jobs, inspect(raw, len(jobs)))
	}
	if _, err = d.Token(); err != nil {
		return nil, Readable(err)
	}
	return jobs, atEnd(d, "the jobs must be one array")
}

func inspect(raw json.RawMessage, index int) Inspected {
	refused := func(err error) dkron.Problem {
		text := err.Error()
		field, _, _ := strings.Cut(text, " ")
		return dkron.Problem{Field: field, Text: text, Severity: dkron.Refused}
	}
	one := Inspected{Label: fmt.Sprintf("job number %d", index+1)}
	if raw[0] != '{' {
		one.Problems = []dkron.Problem{{Text: "a job must be an object, not " + describe(raw), Severity: dkron.Refused}}
		return one
	}
	b := new(Body)
	err := eachField(raw, func(key string, value json.RawMessage) error {
		if err := b.set(key, value); err != nil {
			one.Problems = append(one.Problems, refused(err))
		}
		return nil
	})
	progress, wrong := b.finish()
	for _, err := range []error{err, wrong} {
		if err != nil {
			one.Problems = append(one.Problems, refused(err))
		}
	}
	one.Record, one.Body = dkron.Record{Job: b.Job, Progress: progress}, b
	if b.Job.Name != "" {
		one.Label = b.Job.Name
	}
	one.unread = one.Problems
	one.Problems = append(slices.Clone(one.Problems), b.UnknownFields()...)
	return one
}

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
		"retry_backoff.factor", "retry_backoff.initial", "retry_backoff.max",
	}
	for key := range jobFields {
		if !readOnly[key] {
			known = append(known, key)
		}
	}
	slices.Sort(known)
	return near.Nearest(path, known)
}

// readOnly is the fields that nobody means to write.
var readOnly = map[string]bool{
	"id": true, "status": true, "updated_by": true, "queued": true, "running": true, "success_count": true,
	"error_count": true, "last_success": true, "last_error": true, "dependent_jobs": true, "next": true,
	"created_at": true, "updated_at": true, "revision": true, "schedule_text": true, "launch_id": true,
	"health": true, "health_since": true, "failure_streak": true, "stopped_count": true, "last_launch": true, "recent_launches": true,
}
