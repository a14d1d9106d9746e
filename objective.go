package dkron

import (
	"slices"
	"strings"
	"time"

	"dkron/cron"
	"dkron/internal/codec"
)

// Objectives is what people expect of a job. A field that is not set expects nothing.
type Objectives struct {
	Deadline         string        // it has succeeded by then: "mon-fri 06:00", in the job's zone, or "+2h" after each due time
	MaxLateness      time.Duration // it starts at most so long after it was due
	ExpectedDuration time.Duration // it runs no longer
	MaxSilence       time.Duration // its last success is no older
}

// Fields describes the wire form.
func (o *Objectives) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &o.Deadline)
	w.Duration(2, &o.MaxLateness)
	w.Duration(3, &o.ExpectedDuration)
	w.Duration(4, &o.MaxSilence)
}

// Objective names one of them.
type Objective string

// The objectives, by their names in the API.
const (
	ObjectiveDeadline Objective = "deadline"
	ObjectiveLateness Objective = "max_lateness"
	ObjectiveDuration Objective = "expected_duration"
	ObjectiveSilence  Objective = "max_silence"
)

// Breach is an objective that a job does not meet. At is the instant from when on; it follows from the state alone, so every
// server finds the same one.
type Breach struct {
	Job       uint64 // number
	Objective Objective
	At        time.Time
	Reason    string // for people
}

// Fields describes the wire form.
func (b *Breach) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &b.Job)
	codec.Text(w, 2, &b.Objective)
	w.Time(3, &b.At)
	w.String(4, &b.Reason)
}

// maxObjective is the longest duration of an objective.
const maxObjective = 366 * 24 * time.Hour

// ParseDeadline returns the schedule of a deadline that is a time of day, or the time after each due time.
func (j *Job) ParseDeadline() (s *cron.Schedule, after time.Duration, err error) {
	if text, ok := strings.CutPrefix(j.Objectives.Deadline, "+"); ok {
		if after, err = time.ParseDuration(text); err != nil {
			return nil, 0, Invalid(`objectives.deadline: %q is no duration such as "+2h"`, j.Objectives.Deadline)
		}
		return nil, after, checkObjective(ObjectiveDeadline, after)
	}
	daily := *j
	if daily.Schedule, err = cron.Daily(j.Objectives.Deadline); err == nil {
		s, err = daily.Parse()
	}
	if err != nil {
		return nil, 0, Invalid(`objectives.deadline: %w; for a time after each due time write "+2h"`, err)
	}
	return s, 0, nil
}

func checkObjective(name Objective, d time.Duration) error {
	if d >= time.Second && d <= maxObjective {
		return nil
	}
	return Invalid("objectives.%s must be from 1s to 8784h, not %s", name, d)
}

func (j *Job) validateDeadline() error {
	if j.Objectives == nil || j.Objectives.Deadline == "" {
		return nil
	}
	_, _, err := j.ParseDeadline()
	return err
}

// objective is the rule for an objective that is a duration.
func objective(name Objective, of func(*Objectives) time.Duration) rule {
	return rule{"objectives." + string(name), func(j *Job) error {
		if j.Objectives == nil || of(j.Objectives) == 0 {
			return nil
		}
		return checkObjective(name, of(j.Objectives))
	}}
}

// Noticed reports whether rules have noticed the breach already.
func (p *Progress) Noticed(b Breach) bool {
	return slices.ContainsFunc(p.Breaches, func(old Breach) bool { return old.Objective == b.Objective && old.At.Equal(b.At) })
}

// Notice keeps that rules have noticed the breach, in place of the objective's last one.
func (p *Progress) Notice(b Breach) {
	others := slices.DeleteFunc(slices.Clone(p.Breaches), func(old Breach) bool { return old.Objective == b.Objective })
	p.Breaches = append(others, Breach{Objective: b.Objective, At: b.At})
}
