package dkron

import (
	"strings"
	"time"

	"dkron/internal/codec"
)

// Occurrence is what a rule noticed about a job, and what its channels report. While it waits to be reported, repetitions
// raise its count; the rest is that of the latest, except First.
type Occurrence struct {
	Rule      string
	Severity  AlertSeverity
	Job       string
	JobNumber uint64
	Event     AlertEvent
	Count     uint64
	First     time.Time
	Last      time.Time
	Group     int64  // of the launch; 0 if it is not about one
	Reason    string // for people
	Execution uint64 // record of the history; 0 if there is none
	Alert     uint64 // that is open because of it, or was; 0 if there is none
}

// Fields describes the wire form.
func (o *Occurrence) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &o.Rule)
	codec.Text(w, 2, &o.Severity)
	w.String(3, &o.Job)
	w.Uint(4, &o.JobNumber)
	codec.Text(w, 5, &o.Event)
	w.Uint(6, &o.Count)
	w.Time(7, &o.First)
	w.Time(8, &o.Last)
	w.Int(9, &o.Group)
	w.String(10, &o.Reason)
	w.Uint(11, &o.Execution)
	w.Uint(12, &o.Alert)
}

// Repeat takes in a later occurrence of the same.
func (o *Occurrence) Repeat(again *Occurrence) {
	count, first := o.Count, o.First
	*o = *again
	o.Count, o.First = count+again.Count, first
}

// Alert is a problem that a rule noticed and that is not over: the job has not succeeded since.
type Alert struct {
	Number    uint64
	Rule      string
	Severity  AlertSeverity
	Job       string
	JobNumber uint64
	Event     AlertEvent // the first
	Since     time.Time
	Last      time.Time
	Count     uint64
	Group     int64 // of the latest launch
	Reason    string
	Execution uint64

	Reminded time.Time // when people were last notified of it
	AckedAt  time.Time // zero: nobody has acknowledged it
	AckedBy  string
	AckNote  string
}

// Fields describes the wire form.
func (a *Alert) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &a.Number)
	w.String(2, &a.Rule)
	codec.Text(w, 3, &a.Severity)
	w.String(4, &a.Job)
	w.Uint(5, &a.JobNumber)
	codec.Text(w, 6, &a.Event)
	w.Time(7, &a.Since)
	w.Time(8, &a.Last)
	w.Uint(9, &a.Count)
	w.Int(10, &a.Group)
	w.String(11, &a.Reason)
	w.Uint(12, &a.Execution)
	w.Time(13, &a.Reminded)
	w.Time(14, &a.AckedAt)
	w.String(15, &a.AckedBy)
	w.String(16, &a.AckNote)
}

// Reminds reports whether people are to be reminded of the alert of that rule, as long as its job is enabled.
func (a *Alert) Reminds(r *Rule) bool { return a.AckedAt.IsZero() && !r.Disabled && r.Remind > 0 }

// Occurrence returns the alert, as it is now, in the form in which channels report it.
func (a *Alert) Occurrence(event AlertEvent, now time.Time) *Occurrence {
	return &Occurrence{
		Rule: a.Rule, Severity: a.Severity, Job: a.Job, JobNumber: a.JobNumber, Event: event, Count: 1, First: now, Last: now,
		Group: a.Group, Reason: a.Reason, Execution: a.Execution, Alert: a.Number,
	}
}

// Silence keeps rules from noticing what happens to some jobs for a time. What it kept back is not reported afterwards.
type Silence struct {
	Number    uint64
	Match     Match
	From      time.Time
	Until     time.Time // earlier than planned if somebody ended it
	Reason    string
	CreatedAt time.Time
	CreatedBy string
	EndedBy   string // who ended it before its time
}

// Fields describes the wire form.
func (s *Silence) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &s.Number)
	codec.Nested(w, 2, &s.Match)
	w.Time(3, &s.From)
	w.Time(4, &s.Until)
	w.String(5, &s.Reason)
	w.Time(6, &s.CreatedAt)
	w.String(7, &s.CreatedBy)
	w.String(8, &s.EndedBy)
}

// Holds reports whether the silence applies at an instant: in [From, Until).
func (s *Silence) Holds(now time.Time) bool { return !now.Before(s.From) && now.Before(s.Until) }

// Limits of messages that are kept. Beyond them the oldest is dropped.
const (
	MaxMessages   = 10_000
	MaxMessageAge = 7 * 24 * time.Hour
	// MaxOccurrences is how many occurrences a message has; the others are counted.
	MaxOccurrences = 50
)

// MessageState is how far a message is.
type MessageState string

// The states of a message. One that failed is a dead letter: it is kept, and can be sent again.
const (
	MessageWaiting MessageState = "waiting"
	MessageSent    MessageState = "sent"
	MessageFailed  MessageState = "failed"
)

// Message is what is sent through a channel. What it is about never changes, so that whoever sends it sends the same.
type Message struct {
	Number      uint64
	Channel     string
	At          time.Time
	Occurrences []Occurrence
	More        uint64 // occurrences that it does not have
	Total       uint64 // of all of them, repetitions included
	Test        bool   // somebody tries the channel: there is one attempt
	By          string // who asked for the test, or for the latest repetition

	State    MessageState
	Since    time.Time // from when on attempts are made: At, or when it was sent again
	Attempts uint64    // that failed since then
	Next     time.Time // when the next attempt may begin
	Error    string    // of the latest attempt
	EndedAt  time.Time

	// Notice is what a dead letter of the settings reports, nil for messages of stored channels. Its number is that of the delivery
	// which sends it again.
	Notice *Delivery
}

// Fields describes the wire form.
func (m *Message) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &m.Number)
	w.String(2, &m.Channel)
	w.Time(3, &m.At)
	codec.List(w, 4, &m.Occurrences)
	w.Uint(5, &m.More)
	w.Uint(6, &m.Total)
	w.Bool(7, &m.Test)
	w.String(8, &m.By)
	codec.Text(w, 9, &m.State)
	w.Time(10, &m.Since)
	w.Uint(11, &m.Attempts)
	w.Time(12, &m.Next)
	w.String(13, &m.Error)
	w.Time(14, &m.EndedAt)
	codec.Optional(w, 15, &m.Notice)
}

// Attempt is what an attempt to send a message came to. MessageWaiting means that there will be another.
type Attempt struct {
	Number uint64
	State  MessageState
	Error  string
	Next   time.Time
}

// Fields describes the wire form.
func (a *Attempt) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &a.Number)
	codec.Text(w, 2, &a.State)
	w.String(3, &a.Error)
	w.Time(4, &a.Next)
}

// Brief is a message as a channel sends it, with what is read from the history when it is sent.
type Brief struct {
	ID        string // the same for each attempt, and in no other cluster
	Cluster   string
	Reporting string // the server that sends it
	Link      string // the page's address
	Items     []BriefItem
	*Message
}

// BriefItem is an occurrence with what a reader wants to know of it.
type BriefItem struct {
	Occurrence
	Owner string
	Lines []string // the last ones of the output
	Link  string   // to the launch, or to the job
}

// Title returns a line that says what the occurrence is.
func (o *Occurrence) Title() string {
	words := map[AlertEvent]string{
		AlertFirstFailure: "started failing", AlertNthFailure: "failed again", AlertNoTarget: "had no node to run on",
		AlertMissed: "missed its time", AlertSkipped: "was skipped", AlertLost: "was lost", AlertRanLong: "ran too long", AlertRanShort: "ran too short",
		AlertOutput: "printed what a rule looks for", AlertChanged: "was changed", AlertReminder: "is still in trouble", AlertTest: "test of the channel",
		AlertLate: "has not started in time", AlertLongRunning: "runs for too long", AlertObjective: "does not meet an objective",
		AlertDisabled: "was disabled while it is in trouble", AlertDeleted: "was deleted", AlertStarted: "started", AlertSucceeded: "succeeded",
	}[o.Event]
	if words == "" {
		words = string(o.Event)
	}
	return strings.TrimSpace(o.Job + " " + words)
}
