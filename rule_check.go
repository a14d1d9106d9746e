package dkron

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"dkron/internal/near"
)

// MaxNote is how many bytes the reason of a silence and the note of an acknowledgement may have.
const MaxNote = 1000

const (
	maxNames       = 100 // patterns, tags, metadata or channels of a rule or silence
	maxExpression  = 1000
	shortestRemind = time.Minute
)

// CheckName refuses a name that a channel or a rule can't have.
func CheckName(field, name string) error {
	ok := name != "" && len(name) <= 64 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" && name[0] != '-'
	if !ok {
		return Invalid("%s %q can't be a name: write 1 to 64 of a-z, 0-9, - and _", field, shortened(name))
	}
	return nil
}

func shortened(text string) string {
	if len(text) <= 64 {
		return text
	}
	return strings.ToValidUTF8(text[:64], "") + "…"
}

// Validate refuses a rule that can't work. The error names the field.
func (r *Rule) Validate() error {
	if err := CheckName("name", r.Name); err != nil {
		return err
	}
	if len(r.On) == 0 {
		return Invalid("on is empty: name what the rule notices, such as failed")
	}
	for i, e := range r.On {
		if !slices.Contains(alertEvents, e) {
			return Invalid("on[%d] %q is unknown; %s", i, shortened(string(e)), meant(string(e), words(alertEvents)))
		}
		if slices.Contains(r.On[:i], e) {
			return Invalid("on[%d] %q is there twice", i, e)
		}
	}
	if !slices.Contains([]AlertSeverity{"", SeverityInfo, SeverityWarning, SeverityCritical}, r.Severity) {
		return Invalid("severity %q is unknown; use info, warning or critical", shortened(string(r.Severity)))
	}
	if len(r.Channels) > maxNames {
		return Invalid("channels has %d names; at most %d are allowed", len(r.Channels), maxNames)
	}
	for i, name := range r.Channels {
		if slices.Contains(r.Channels[:i], name) {
			return Invalid("channels[%d] %q is there twice", i, shortened(name))
		}
	}
	if err := r.Match.Validate("match"); err != nil {
		return err
	}
	if err := r.checkThresholds(); err != nil {
		return err
	}
	return r.Quiet.Validate("quiet")
}

// checkThresholds refuses a figure without its event, and an event without its figure.
func (r *Rule) checkThresholds() error {
	for _, t := range []struct {
		field string
		set   bool
		event AlertEvent
		want  string
	}{
		{"in_a_row", r.InARow > 0, AlertNthFailure, `3`},
		{"longer_than", r.Longer > 0, AlertRanLong, `"1h"`},
		{"shorter_than", r.Short > 0, AlertRanShort, `"5s"`},
		{"output", r.Output != "", AlertOutput, `"(?i)error"`},
	} {
		switch named := slices.Contains(r.On, t.event); {
		case named && !t.set:
			return Invalid("%s is missing: on has %s; write %s such as %s", t.field, t.event, t.field, t.want)
		case !named && t.set && t.event == AlertRanLong && slices.Contains(r.On, AlertLongRunning):
		case !named && t.set && t.event == AlertRanLong:
			return Invalid("longer_than has no effect without ran_long or long_running in on")
		case !named && t.set:
			return Invalid("%s has no effect without %s in on", t.field, t.event)
		}
	}
	if len(r.Output) > maxExpression {
		return Invalid("output has %d bytes; an expression may have %d", len(r.Output), maxExpression)
	}
	if _, err := regexp.Compile(r.Output); err != nil {
		return Invalid("output is not a regular expression (RE2): %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if r.Remind != 0 && r.Remind < shortestRemind {
		return Invalid("remind %s is too short: at least %s", r.Remind, shortestRemind)
	}
	if r.Remind != 0 && !slices.ContainsFunc(r.On, AlertEvent.Problem) {
		return Invalid("remind has no effect: on has no problem that stays open, such as failed")
	}
	return nil
}

// Validate refuses what can't match as it is meant.
func (m *Match) Validate(field string) error {
	for name, n := range map[string]int{"jobs": len(m.Jobs), "tags": len(m.Tags), "metadata": len(m.Metadata)} {
		if n > maxNames {
			return Invalid("%s.%s has %d entries; at most %d are allowed", field, name, n, maxNames)
		}
	}
	for i, pattern := range m.Jobs {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" || len(pattern) > 256 {
			return Invalid("%s.jobs[%d] %q is not a pattern of names; write one such as backup-*", field, i, shortened(pattern))
		}
	}
	return nil
}

// Validate refuses times that can't be read.
func (q *Quiet) Validate(field string) error {
	if *q == (Quiet{}) {
		return nil
	}
	for name, text := range map[string]string{"from": q.From, "to": q.To} {
		if _, err := time.Parse(clockLayout, text); err != nil {
			return Invalid("%s.%s %q is not a time of day; write one such as 22:00", field, name, shortened(text))
		}
	}
	if q.From == q.To {
		return Invalid("%s.to is the same as %s.from, so it would never be quiet", field, field)
	}
	if _, err := time.LoadLocation(q.Zone); err != nil {
		return Invalid("%s.zone %q is unknown; write one such as Europe/Berlin", field, shortened(q.Zone))
	}
	return nil
}

// longestSilence is how long a silence may last: one that is forgotten must end.
const longestSilence = 90 * 24 * time.Hour

// Validate refuses a silence that can't work.
func (s *Silence) Validate(now time.Time) error {
	switch {
	case s.Until.IsZero():
		return Invalid("until is missing: say when the silence ends, or give duration, such as 2h")
	case !s.Until.After(now) || !s.Until.After(s.From):
		return Invalid("until %s is over already, or before from", s.Until.Format(time.RFC3339))
	case s.Until.Sub(s.From) > longestSilence:
		return Invalid("until is more than 90 days after the beginning; a silence that is forgotten must end")
	case strings.TrimSpace(s.Reason) == "":
		return Invalid("reason is missing: say why, for whoever finds the silence")
	case len(s.Reason) > MaxNote:
		return Invalid("reason has %d bytes; at most %d are kept", len(s.Reason), MaxNote)
	}
	return s.Match.Validate("match")
}

func words[T ~string](list []T) (all []string) {
	for _, w := range list {
		all = append(all, string(w))
	}
	return all
}

// meant says what an unknown word may mean.
func meant(word string, known []string) string {
	best, at := "", 3
	for _, k := range known {
		if d := near.Distance(strings.ToLower(shortened(word)), k); d < at {
			best, at = k, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "there are " + strings.Join(known, ", ")
}
