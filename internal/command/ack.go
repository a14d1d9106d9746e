package command

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Ack acknowledges an open alert: there are no more reminders of it.
type Ack struct {
	Alert uint64
	Note  string
	Now   time.Time
	By    string
}

// Fields describes the wire form.
func (c *Ack) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &c.Alert)
	w.String(2, &c.Note)
	w.Time(3, &c.Now)
	w.String(4, &c.By)
}

// Apply returns the alert. The first acknowledgement stays.
func (c *Ack) Apply(tx *state.Tx) (any, error) {
	a, err := alert(tx, c.Alert)
	if err != nil || !a.AckedAt.IsZero() {
		return a, err
	}
	tx.Tick(c.Now)
	a.AckedAt, a.AckedBy, a.AckNote = c.Now, c.By, c.Note
	note(tx, dkron.AuditAlert, strconv.FormatUint(a.Number, 10), shortened(strings.TrimSuffix(fmt.Sprintf("rule %s, job %s: %s", a.Rule, a.Job, c.Note), ": ")))
	return a, tx.PutAlert(a)
}

// alert returns an open alert by its number, or ErrNotFound.
func alert(tx *state.Tx, number uint64) (*dkron.Alert, error) {
	all, err := tx.Alerts()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Number == number {
			return a, nil
		}
	}
	return nil, fmt.Errorf("alert %d: %w", number, dkron.ErrNotFound)
}

// Remind notifies people again of alerts that are still open and that nobody has acknowledged.
type Remind struct {
	Alerts []uint64
	Now    time.Time
}

// Fields describes the wire form.
func (c *Remind) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uints(1, &c.Alerts)
	w.Time(2, &c.Now)
}

// Apply reminds of those that are due for it: others have been acknowledged, are over, or were reminded of meanwhile. While a
// silence applies to the job, the reminder is left out, and the next one is due after the rule's pause.
func (c *Remind) Apply(tx *state.Tx) (any, error) {
	tx.Tick(c.Now)
	all, err := tx.Alerts()
	if err != nil {
		return nil, err
	}
	_, silences, err := tx.Watches()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if !slices.Contains(c.Alerts, a.Number) {
			continue
		}
		r, err := tx.Rule(a.Rule)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !a.Reminds(r) || a.Reminded.Add(r.Remind).After(c.Now) {
			continue
		}
		if err := remind(tx, a, r, silences, c.Now); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// remind reports an alert again, unless a silence applies to its job.
func remind(tx *state.Tx, a *dkron.Alert, r *dkron.Rule, silences []*dkron.Silence, now time.Time) error {
	a.Reminded = now
	if err := tx.PutAlert(a); err != nil {
		return err
	}
	j, err := tx.Job(a.Job)
	if err != nil {
		return err
	}
	if silent, err := held(silences, now, fitting(tx, a.Job, &j)); err != nil || silent || j.Disabled {
		return err
	}
	return report(tx, r, a.Occurrence(dkron.AlertReminder, now), j)
}

// switchAlerts is called when a job was disabled or enabled. While it is disabled it can't succeed, so that reminders would ask for
// something that somebody has already dealt with: they pause, which is reported once. The first one after it was enabled is due after the
// rule's pause.
func switchAlerts(tx *state.Tx, j *dkron.Job, now time.Time) error {
	alerts, err := tx.AlertsOf(j.Number)
	if err != nil || len(alerts) == 0 {
		return err
	}
	_, silences, err := tx.Watches()
	if err != nil {
		return err
	}
	silent, err := held(silences, now, fitting(tx, j.Name, &j))
	if err != nil {
		return err
	}
	for _, a := range alerts {
		r, err := tx.Rule(a.Rule)
		if err != nil {
			return err
		}
		if !a.Reminds(r) {
			continue
		}
		if !j.Disabled {
			a.Reminded = now
			if err := tx.PutAlert(a); err != nil {
				return err
			}
			continue
		}
		if silent {
			continue
		}
		o := a.Occurrence(dkron.AlertDisabled, now)
		o.Reason = "there are no reminders until it is enabled"
		if j.UpdatedBy != "" {
			o.Reason = "by " + j.UpdatedBy + "; " + o.Reason
		}
		if a.Reason != "" {
			o.Reason += "; the trouble was: " + a.Reason
		}
		if err := report(tx, r, o, j); err != nil {
			return err
		}
	}
	return nil
}
