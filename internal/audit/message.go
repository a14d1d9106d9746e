package audit

import (
	"strings"
	"time"

	"dkron"
	"dkron/internal/codec"
)

// Query selects records. All of its parts must hold; an empty one always does.
type Query struct {
	Who     string // part of the name, accessor or address, in any case
	Action  string
	Kind    string
	Object  string // name, number or id
	Job     string // records of the job, of its history, launches and executions
	From    time.Time
	To      time.Time // excluded
	Refused Choice
}

// Choice is whether records of refused requests are selected.
type Choice uint64

// The choices.
const (
	Also Choice = iota
	Only
	Never
)

// Fields describes the wire form.
func (q *Query) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &q.Who)
	w.String(2, &q.Action)
	w.String(3, &q.Kind)
	w.String(4, &q.Object)
	w.String(5, &q.Job)
	w.Time(6, &q.From)
	w.Time(7, &q.To)
	w.Uint(8, (*uint64)(&q.Refused))
}

// Selects reports whether a record is selected.
func (q *Query) Selects(r *dkron.AuditRecord) bool {
	switch {
	case q.Action != "" && !strings.EqualFold(q.Action, r.Action),
		q.Kind != "" && q.Kind != string(r.Kind),
		q.Object != "" && q.Object != r.Object,
		!q.From.IsZero() && r.At.Before(q.From),
		!q.To.IsZero() && !r.At.Before(q.To),
		q.Refused == Only && !Refused(r), q.Refused == Never && Refused(r):
		return false
	}
	return (q.Job == "" || q.Job == jobOf(r)) && (q.Who == "" || q.by(&r.Origin))
}

// Refused reports whether a record is of requests that were refused.
func Refused(r *dkron.AuditRecord) bool { return r.Status != 0 || r.Left != 0 }

func (q *Query) by(o *dkron.Origin) bool {
	who := strings.ToLower(q.Who)
	for _, text := range []string{o.Name, o.Accessor, o.Address} {
		if strings.Contains(strings.ToLower(text), who) {
			return true
		}
	}
	return false
}

// jobOf returns the name of the job that a record is about, "" if it is about none.
func jobOf(r *dkron.AuditRecord) string {
	switch r.Kind {
	case dkron.AuditJob, dkron.AuditHistory:
		return r.Object
	case dkron.AuditLaunch:
		job, _, err := dkron.ParseLaunchID(r.Object)
		if err != nil {
			return ""
		}
		return job
	case dkron.AuditExecution:
		return beforeLast(r.Object, "/")
	case dkron.AuditRequest:
		return r.Object
	}
	return ""
}

func beforeLast(text, sep string) string {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i]
	}
	return text
}

// Question asks a server for its own records before a number, newest first; or for all from a number on, oldest first.
type Question struct {
	Query  Query
	Before uint64 // 0: from the newest on
	Limit  uint64
	From   uint64 // 0: newest first
}

// Fields describes the wire form.
func (q *Question) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Nested(w, 1, &q.Query)
	w.Uint(2, &q.Before)
	w.Uint(3, &q.Limit)
	w.Uint(4, &q.From)
}

// Answer is a server's own records.
type Answer struct{ Records []dkron.AuditRecord }

// Fields describes the wire form.
func (a *Answer) Fields(w *codec.Wire) {
	w.Since(2)
	codec.List(w, 1, &a.Records)
}
