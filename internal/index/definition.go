package index

import (
	"slices"
	"strings"
	"unique"

	"dkron"
)

// Definition is the part of a user's job that the index keeps. All entries of a job share it until the job is written
// again, so that a run costs no memory here.
type Definition struct {
	Number      uint64
	Name        string
	DisplayName string

	// The searchable text, in lower case: name, display name, owner, executor, values of the metadata.
	text      string
	folded    [2]uint32 // where the display name begins and ends in text
	Ephemeral bool
	Confirm   bool
	Processed bool // it has processors
	// Objectives is whether it has any.
	Objectives bool
	counted    bool // the schedule counts from an instant
	named      bool // the schedule depends on the job's name

	Metadata Labels
	Tags     Labels
	Owner    string
	Executor string
	Schedule string
	Parents  []string // jobs whose launches launch this one
	Children []string // jobs that have this one as a parent
	Updated  int64    // nanoseconds since 1970, 0 if unknown; a time.Time takes three times as much memory

	timing unique.Handle[timing]

	place place // owned by the index and guarded by its lock
}

func newDefinition(j *dkron.Job) *Definition {
	d := &Definition{
		Number: j.Number, Schedule: j.Schedule, Metadata: NewLabels(j.Metadata), Tags: NewLabels(j.Tags),
		Parents: parents(j), Children: slices.Clone(j.DependentJobs), Ephemeral: j.Ephemeral, Confirm: j.Confirm,
		Processed: len(j.Processors) > 0, Objectives: j.Objectives != nil, timing: newTiming(j),
		counted: strings.Contains(j.Schedule, "@every"), named: strings.Contains(j.Schedule, "~"),
	}
	if !j.UpdatedAt.IsZero() {
		d.Updated = j.UpdatedAt.UnixNano()
	}
	d.setText(j)
	return d
}

// setText fills the fields that are substrings of the searchable text, which need no memory of their own.
func (d *Definition) setText(j *dkron.Job) {
	all := []string{j.Name, j.DisplayName, j.Owner, j.Executor}
	for _, value := range d.Metadata.All() {
		all = append(all, value)
	}
	text := words(all...)
	rest := text
	for i, field := range []*string{&d.Name, &d.DisplayName, &d.Owner, &d.Executor} {
		*field = rest[:len(all[i])]
		rest = rest[min(len(all[i])+1, len(rest)):]
	}
	d.text = strings.ToLower(text) // the same string if it was in lower case already
	at := len(strings.ToLower(d.Name)) + 1
	d.folded = [2]uint32{uint32(at), uint32(at + len(strings.ToLower(d.DisplayName)))}
}

func parents(j *dkron.Job) (names []string) {
	for _, p := range j.AllParents() {
		names = append(names, p.Job)
	}
	return names
}

// Folded returns the display name in lower case.
func (d *Definition) Folded() string { return d.text[d.folded[0]:d.folded[1]] }
