package dkron

import (
	"fmt"
	"slices"
	"time"
	"unicode"

	"dkron/cron"
)

// maxQueueLimit keeps a job's progress, which lists every queued launch, small.
const maxQueueLimit = 1000

// maxName keeps names usable as keys of the database, which allows 32 KiB, and in paths of requests.
const maxName = 4096

// MaxNotes is how many bytes a job's notes may have.
const MaxNotes = 16 << 10

// rule is one thing that must hold of a job, and the field that a mistake in it is about.
type rule struct {
	field string
	check func(*Job) error
}

// rules are in the order in which Validate reports.
var rules = []rule{
	{"name", func(j *Job) error { return ValidateName(j.Name) }},
	{"parents", (*Job).validateParents},
	{"parents_join", (*Job).validateJoin},
	{"timezone", (*Job).validateZone},
	{"schedule", (*Job).validateSchedule},
	{"concurrency", (*Job).validateConcurrency},
	{"retry_on", (*Job).validateRetryOn},
	{"retry_backoff", (*Job).validateBackoff},
	{"queue_limit", (*Job).validateQueue},
	{"history", func(j *Job) error { return j.History.Validate("history") }},
	{"catchup.policy", (*Job).validateCatchup},
	{"catchup.window", (*Job).validateWindow},
	{"dst.gap", (*Job).validateGap},
	{"dst.overlap", (*Job).validateOverlap},
	{"notes", (*Job).validateNotes},
	{"channels", (*Job).validateChannels},
	{"objectives.deadline", (*Job).validateDeadline},
	objective(ObjectiveLateness, func(o *Objectives) time.Duration { return o.MaxLateness }),
	objective(ObjectiveDuration, func(o *Objectives) time.Duration { return o.ExpectedDuration }),
	objective(ObjectiveSilence, func(o *Objectives) time.Duration { return o.MaxSilence }),
	onlyUnsuited("retries"),
	onlyUnsuited("retry_lost"),
	onlyUnsuited("tags"),
	onlyUnsuited("catchup"),
	onlyUnsuited("processors"),
}

// onlyUnsuited is the rule for a field in which nothing is wrong but that some jobs can't have it.
func onlyUnsuited(field string) rule { return rule{field, func(*Job) error { return nil }} }

// mistake returns what is wrong with the rule's field.
func (r rule) mistake(j *Job) error {
	if err := j.suits(r.field); err != nil {
		return err
	}
	return r.check(j)
}

// Validate returns an ErrInvalid in the words of the public API if the job is not acceptable.
func (j *Job) Validate() error {
	for _, r := range rules {
		if err := r.mistake(j); err != nil {
			return err
		}
	}
	return nil
}

// Mistakes returns everything for which Validate refuses the job, at most one mistake per field.
func (j *Job) Mistakes() (found []Problem) {
	for _, r := range rules {
		if err := r.mistake(j); err != nil {
			found = append(found, Problem{Field: r.field, Text: err.Error(), Severity: Refused})
		}
	}
	return found
}

func (j *Job) validateZone() error {
	if _, err := cron.ParseZone(j.Timezone); err != nil && (j.Schedule != "" || !j.Child()) {
		return Invalid("can't parse job schedule: %w", err)
	}
	return nil
}

// validateSchedule finds mistakes in the schedule alone: validateZone finds those in its zone.
func (j *Job) validateSchedule() error {
	if j.Schedule == "" && !j.Child() {
		return Invalid("can't parse job schedule: empty spec string. A job without a parent needs one, such as @daily or 0 30 3 * * *")
	}
	if j.Schedule == "" {
		return nil
	}
	local := *j
	if _, err := cron.ParseZone(j.Timezone); err != nil {
		local.Timezone = ""
	}
	if _, err := local.Parse(); err != nil {
		return Invalid("can't parse job schedule: %w", err)
	}
	return nil
}

func (j *Job) validateConcurrency() error {
	switch j.Concurrency {
	case "", Allow, Forbid, Queue, Replace:
		return nil
	}
	return Invalid(`invalid concurrency policy value, use "allow" or "forbid", or "queue" or "replace"`)
}

func (j *Job) validateQueue() error {
	if j.QueueLimit > maxQueueLimit {
		return Invalid("invalid queue_limit %d, use at most %d", j.QueueLimit, maxQueueLimit)
	}
	return nil
}

func (j *Job) validateCatchup() error {
	switch j.Catchup.Policy {
	case "", CatchupAll, CatchupLast, CatchupSkip:
		return nil
	}
	return Invalid(`invalid catchup.policy %q, use "all", "last" or "skip"`, j.Catchup.Policy)
}

func (j *Job) validateWindow() error {
	if j.Catchup.Window < 0 {
		return Invalid("invalid catchup.window %s, must not be negative", j.Catchup.Window)
	}
	return nil
}

func (j *Job) validateGap() error {
	if g := j.DST.Gap; g != "" && g != "after" && g != "skip" {
		return Invalid(`invalid dst.gap %q, use "after" or "skip"`, g)
	}
	return nil
}

func (j *Job) validateOverlap() error {
	if o := j.DST.Overlap; o != "" && o != "first" && o != "both" {
		return Invalid(`invalid dst.overlap %q, use "first" or "both"`, o)
	}
	return nil
}

func (j *Job) validateNotes() error {
	if n := len(j.Notes); n > MaxNotes {
		return Invalid("notes has %d bytes, use at most %d", n, MaxNotes)
	}
	return nil
}

func (j *Job) validateChannels() error {
	if len(j.Channels) > maxNames {
		return Invalid("channels has %d names; at most %d are allowed", len(j.Channels), maxNames)
	}
	for i, name := range j.Channels {
		if err := CheckName(fmt.Sprintf("channels[%d]", i), name); err != nil {
			return err
		}
		if slices.Contains(j.Channels[:i], name) {
			return Invalid("channels[%d] %q is there twice", i, name)
		}
	}
	return nil
}

// ValidateName returns why name can't name a job.
func ValidateName(name string) error {
	if name == "" {
		return Invalid("name cannot be empty")
	}
	if len(name) > maxName {
		return Invalid("name has %d bytes, use at most %d", len(name), maxName)
	}
	for _, r := range name {
		if !unicode.Is(unicode.Ll, r) && !(r >= '0' && r <= '9') && r != '_' && r != '-' {
			return Invalid("name contains illegal character '%c'. Use lower-case letters, digits, _ and -", r)
		}
	}
	return nil
}
