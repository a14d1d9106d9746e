package dkron

import (
	"time"

	"dkron/internal/codec"
)

// Status is the outcome of a job's last launch, in the words of the public API.
type Status string

// The statuses; a job that never ran has the empty one.
const (
	StatusSuccess         Status = "success"
	StatusFailed          Status = "failed"
	StatusPartiallyFailed Status = "partially_failed"
)

// Progress is what changes with every run of a job. It is small and kept apart from the definition; it repeats those
// parts of the definition that the hot path needs.
type Progress struct {
	Name     string
	Revision uint64
	Disabled bool
	Family   bool // has children or is ephemeral: look at the definition when a launch ends

	Concurrency Concurrency
	QueueLimit  uint64
	History     Retention

	SuccessCount uint64
	ErrorCount   uint64
	LastSuccess  time.Time
	LastError    time.Time
	Status       Status

	Cursor   time.Time // every instant up to here has been decided
	Next     time.Time // the next due instant, later than the cursor; zero if there is none
	Since    time.Time // nothing in (Since, Cursor] was recorded as missed
	Launched []Span    // further spans, before or after that one, that were launched; see decided.go
	Taken    time.Time // instants after the cursor up to here may have records already; see GroupOf
	Rewinds  uint64    // how often numbers up to Taken were taken

	Active     uint64   // launches that run, or wait for a node
	Queued     []uint64 // numbers of launches that wait for those to end, oldest first
	Arrived    []string // parents whose last launch ended as required since the parents last launched the job
	Launches   uint64   // launches ever recorded, an ordinal for retention
	Executions uint64   // executions ever recorded
	Cleared    uint64   // executions up to this ordinal were cleared by request
	LastLaunch uint64   // newest record of the launch history, 0 if none
	LastRun    uint64   // newest record of the execution history, 0 if none
	Bytes      uint64   // of output ever recorded, an ordinal for retention
	LastGroup  int64    // of launches without a schedule, so that the next one gets another

	// Before is the running launches of a deleted job of this name from when this one was created, until they end.
	Before      []uint64
	FirstLaunch uint64 // oldest record of the launch history that is still on disk, 0 if none
	FirstRun    uint64 // oldest record of the execution history that is still on disk, 0 if none
	Newest      uint64 // highest number of a launch that ran and has ended
	NewestFirst uint64 // ordinal of the first execution of that launch
	NewestEnd   uint64 // ordinal of that launch
	Whole       uint64 // ordinal of the first execution of the newest launch, or of one that ran when it ended

	// What the job's health depends on; see Note. It is empty until the cluster has agreed on protocol 2.
	Last         *LaunchEnd // the launch that ended last
	Streak       uint64     // launches in a row that failed
	FailingSince time.Time  // end of the first of them
	Due          time.Time  // newest due time of a launch that has ended; skipped ones don't count
	NotRun       bool       // that launch ended as no_target, missed or lost
	Durations    []uint64   // of the last launches that succeeded, in milliseconds, oldest first
	StoppedCount uint64     // part of ErrorCount: executions that were stopped

	Breaches []Breach // of objectives, as rules have noticed them: the latest of each

	CheckIn *CheckedIn // nil for a job that has never checked in
}

// Fields describes the wire form.
func (p *Progress) Fields(w *codec.Wire) {
	w.String(1, &p.Name)
	w.Uint(2, &p.Revision)
	w.Bool(3, &p.Disabled)
	codec.Text(w, 4, &p.Concurrency)
	w.Bool(5, &p.Family)
	w.Uint(6, &p.SuccessCount)
	w.Uint(7, &p.ErrorCount)
	w.Time(8, &p.LastSuccess)
	w.Time(9, &p.LastError)
	codec.Text(w, 10, &p.Status)
	w.Time(11, &p.Cursor)
	w.Time(12, &p.Next)
	w.Uint(13, &p.Active)
	w.Uint(14, &p.Launches)
	w.Uint(15, &p.Executions)
	w.Uint(16, &p.Cleared)
	w.Uint(17, &p.LastLaunch)
	w.Uint(18, &p.LastRun)
	w.Int(19, &p.LastGroup)
	w.Uint(20, &p.QueueLimit)
	w.Uints(21, &p.Queued)
	w.Strings(22, &p.Arrived)
	w.Uint(23, &p.Bytes)
	codec.Nested(w, 24, &p.History)
	w.Uint(25, &p.FirstLaunch)
	w.Uint(26, &p.FirstRun)
	w.Uint(27, &p.Newest)
	w.Uint(28, &p.NewestFirst)
	w.Uint(29, &p.Whole)
	w.Uint(30, &p.NewestEnd)
	w.Uints(31, &p.Before)
	w.Time(40, &p.Since)
	codec.List(w, 41, &p.Launched)
	w.Time(42, &p.Taken)
	w.Uint(43, &p.Rewinds)
	w.Since(2)
	codec.Optional(w, 50, &p.Last)
	w.Uint(51, &p.Streak)
	w.Time(52, &p.FailingSince)
	w.Time(53, &p.Due)
	w.Bool(54, &p.NotRun)
	w.Packed(55, &p.Durations)
	w.Uint(56, &p.StoppedCount)
	codec.List(w, 57, &p.Breaches)
	codec.Optional(w, 58, &p.CheckIn)
}

// CheckedInAt returns when the run began that has checked in and not ended; the zero time if there is none.
func (p *Progress) CheckedInAt(j *Job) time.Time {
	if p.CheckIn == nil || !j.ChecksIn() {
		return time.Time{}
	}
	return p.CheckIn.At
}

// Counted returns the part of p that a client may set when it creates a job again: counters and last times.
func (p *Progress) Counted() Progress {
	return Progress{SuccessCount: p.SuccessCount, ErrorCount: p.ErrorCount, LastSuccess: p.LastSuccess, LastError: p.LastError}
}

// Follow copies into p those parts of the definition that it repeats.
func (p *Progress) Follow(j *Job) {
	p.Name, p.Revision, p.Disabled = j.Name, j.Revision, j.Disabled
	p.Concurrency, p.QueueLimit, p.History = j.Concurrency, j.QueueLimit, j.History
	p.Family = j.Ephemeral || len(j.DependentJobs) > 0
}
