package dkron

import (
	"time"

	"dkron/cron"
	"dkron/internal/codec"
)

// Concurrency says what happens when a job is due while it still runs.
type Concurrency string

// The policies; the empty one means allow.
const (
	Allow   Concurrency = "allow"
	Forbid  Concurrency = "forbid"  // the launch is skipped, unless it is manual
	Queue   Concurrency = "queue"   // the launch waits until those before it have ended
	Replace Concurrency = "replace" // running launches are stopped, then the launch starts
)

// DefaultQueueLimit is how many launches of a job may wait in its queue unless the job says otherwise.
const DefaultQueueLimit = 10

// CatchupPolicy says which missed instants are launched late.
type CatchupPolicy string

// The catch-up policies.
const (
	CatchupAll  CatchupPolicy = "all"
	CatchupLast CatchupPolicy = "last"
	CatchupSkip CatchupPolicy = "skip"
)

// Default catch-up windows.
const (
	DefaultCatchupWindow     = time.Minute
	DefaultCatchupWindowOnce = 24 * time.Hour // @at and @after, which have only one chance
)

// Catchup is a job's catch-up policy: instants older than the window are recorded as missed.
type Catchup struct {
	Policy CatchupPolicy // "" means all
	Window time.Duration // 0 means the default window
}

// Fields describes the wire form.
func (c *Catchup) Fields(w *codec.Wire) {
	codec.Text(w, 1, &c.Policy)
	w.Duration(2, &c.Window)
}

// DST is a job's daylight-saving policy.
type DST struct {
	Gap     string // "after" (default) or "skip"
	Overlap string // "first" (default) or "both"
}

// Fields describes the wire form.
func (d *DST) Fields(w *codec.Wire) {
	w.String(1, &d.Gap)
	w.String(2, &d.Overlap)
}

// Job is a definition: what runs, when, where. Field numbers up to 30 are those of the v4 protocol.
type Job struct {
	Name           string
	DisplayName    string
	Timezone       string // IANA name; "" is the server's zone
	Schedule       string // as written; see package cron
	Owner          string
	OwnerEmail     string
	Disabled       bool
	Tags           map[string]string
	Metadata       map[string]string
	Retries        uint32
	DependentJobs  []string // children in order of attachment, kept by the state machine
	ParentJob      string
	Processors     map[string]map[string]string
	Concurrency    Concurrency
	Executor       string
	ExecutorConfig map[string]string
	Ephemeral      bool
	StartsAt       time.Time
	ExpiresAt      time.Time

	Catchup    Catchup
	DST        DST
	RetryLost  bool // a lost execution counts as a failed one for retries
	RetryOn    RetryOn
	Backoff    Backoff
	QueueLimit uint64 // 0 means DefaultQueueLimit
	Parents    []Parent
	Join       Join // of ParentJob and Parents
	History    Retention
	Confirm    bool        // people are asked before they start or stop its work; the server asks nobody
	Notes      string      // Markdown, for people
	Channels   []string    // that report what rules notice of the job, besides those of the rules; some may not exist yet
	Objectives *Objectives // nil: nothing is expected

	Number    uint64    // unique for ever, given at creation
	Revision  uint64    // changes with every change of the definition
	CreatedAt time.Time // anchor of @every
	UpdatedAt time.Time
	UpdatedBy string // who wrote this revision
}

// Fields describes the wire form.
func (j *Job) Fields(w *codec.Wire) {
	w.String(1, &j.Name)
	w.String(2, &j.Timezone)
	w.String(3, &j.Schedule)
	w.String(7, &j.Owner)
	w.String(8, &j.OwnerEmail)
	w.Bool(11, &j.Disabled)
	w.Map(12, &j.Tags)
	w.Uint32(13, &j.Retries)
	w.Strings(14, &j.DependentJobs)
	w.String(15, &j.ParentJob)
	codec.Text(w, 16, &j.Concurrency)
	w.String(17, &j.Executor)
	w.Map(18, &j.ExecutorConfig)
	w.Map(20, &j.Metadata)
	w.String(24, &j.DisplayName)
	processorsAt(w, 27, &j.Processors)
	w.Bool(28, &j.Ephemeral)
	nullable(w, 29, &j.ExpiresAt)
	nullable(w, 30, &j.StartsAt)
	codec.Nested(w, 64, &j.Catchup)
	codec.Nested(w, 65, &j.DST)
	w.Bool(66, &j.RetryLost)
	w.Uint(67, &j.Number)
	w.Uint(68, &j.Revision)
	w.Time(69, &j.CreatedAt)
	w.Time(70, &j.UpdatedAt)
	w.String(71, &j.UpdatedBy)
	codec.Text(w, 72, &j.RetryOn)
	codec.Nested(w, 73, &j.Backoff)
	w.Uint(74, &j.QueueLimit)
	codec.List(w, 75, &j.Parents)
	codec.Text(w, 76, &j.Join)
	codec.Nested(w, 77, &j.History)
	w.Since(2)
	w.Bool(78, &j.Confirm)
	w.String(79, &j.Notes)
	w.Strings(80, &j.Channels)
	codec.Optional(w, 81, &j.Objectives)
}

// Parse reads the job's schedule.
func (j *Job) Parse() (*cron.Schedule, error) {
	opt := cron.Options{Zone: j.Timezone, Name: j.Name, Anchor: j.CreatedAt}
	if j.DST.Gap == "skip" {
		opt.Gap = cron.GapSkip
	}
	if j.DST.Overlap == "both" {
		opt.Overlap = cron.OverlapBoth
	}
	return cron.Parse(j.Schedule, opt)
}

// Window returns how late an instant of the job may be launched.
func (j *Job) Window(s *cron.Schedule) time.Duration {
	switch {
	case j.Catchup.Window > 0:
		return j.Catchup.Window
	case s.Kind() == cron.KindAt || s.Kind() == cron.KindAfter:
		return DefaultCatchupWindowOnce
	}
	return DefaultCatchupWindow
}

// After returns the job's first due instant after t within StartsAt and ExpiresAt, the zero time if there is none. A
// disabled job keeps its instants; a child has none.
func (j *Job) After(s *cron.Schedule, t time.Time) time.Time {
	if j.Child() {
		return time.Time{}
	}
	if t.Before(j.StartsAt) {
		t = j.StartsAt.Add(-1)
	}
	next := s.Next(t).UTC()
	if next.Year() <= 1 || !j.ExpiresAt.IsZero() && next.After(j.ExpiresAt) {
		return time.Time{}
	}
	return next
}

// SameDefinition reports whether other has the same user-written fields.
func (j *Job) SameDefinition(other *Job) bool {
	a, b := *j, *other
	for _, x := range []*Job{&a, &b} {
		x.DependentJobs, x.Number, x.Revision, x.CreatedAt, x.UpdatedAt, x.UpdatedBy = nil, 0, 0, time.Time{}, time.Time{}, ""
	}
	return string(codec.Encode(&a)) == string(codec.Encode(&b))
}

// Record is a job together with its progress.
type Record struct {
	Job      Job
	Progress Progress
}

// Fields describes the wire form.
func (r *Record) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.Job)
	codec.Nested(w, 2, &r.Progress)
}

// nullable is a time in the v4 protocol's NullableTime.
func nullable(w *codec.Wire, num int32, t *time.Time) {
	var n *nullTime
	if !t.IsZero() {
		n = &nullTime{true, *t}
	}
	codec.Optional(w, codec.Number(num), &n)
	if w.Reading() && n != nil {
		*t = n.time
	}
}

type nullTime struct {
	set  bool
	time time.Time
}

func (n *nullTime) Fields(w *codec.Wire) {
	w.Bool(1, &n.set)
	w.Time(2, &n.time)
}

// processorsAt is the v4 protocol's map from processor name to its configuration.
func processorsAt(w *codec.Wire, number codec.Number, p *map[string]map[string]string) {
	var list []processor
	for _, name := range codec.SortedKeys(*p) {
		list = append(list, processor{name, pluginConfig{(*p)[name]}})
	}
	codec.List(w, number, &list)
	if !w.Reading() || len(list) == 0 {
		return
	}
	*p = make(map[string]map[string]string)
	for _, e := range list {
		(*p)[e.name] = e.config.values
	}
}

type processor struct {
	name   string
	config pluginConfig
}

func (p *processor) Fields(w *codec.Wire) {
	w.String(1, &p.name)
	codec.Nested(w, 2, &p.config)
}

type pluginConfig struct{ values map[string]string }

func (c *pluginConfig) Fields(w *codec.Wire) { w.Map(1, &c.values) }
