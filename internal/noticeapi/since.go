package noticeapi

import (
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// A message never changes. What people have done since about what it reports is read from the open alerts and the silences.

// silencedJSON is a silence that has applied to the job since a message was composed.
type silencedJSON struct {
	Number uint64     `json:"number"`
	From   *time.Time `json:"from"`
	Until  *time.Time `json:"until"`
	By     string     `json:"by"`
	At     *time.Time `json:"at"`
	Reason string     `json:"reason"`
}

// since looks up what was done since. It reads alerts and silences once for all messages of an answer.
type since struct {
	tx       *state.Tx
	alerts   map[uint64]*dkron.Alert     // by number; nil until one is needed
	silences []*dkron.Silence            // newest last; nil until one is needed
	read     bool                        // silences are read
	byJob    map[string][]*dkron.Silence // those that fit
}

// alert returns an open alert, nil if it is over.
func (s *since) alert(number uint64) (*dkron.Alert, error) {
	if number == 0 {
		return nil, nil
	}
	if s.alerts == nil {
		all, err := s.tx.Alerts()
		if err != nil {
			return nil, err
		}
		s.alerts = make(map[uint64]*dkron.Alert, len(all))
		for _, a := range all {
			s.alerts[a.Number] = a
		}
	}
	return s.alerts[number], nil
}

// silence returns the newest silence that has applied to a job since an instant, nil if none has.
func (s *since) silence(job string, at time.Time) (*dkron.Silence, error) {
	if !s.read {
		all, err := s.tx.Silences()
		if err != nil {
			return nil, err
		}
		s.silences, s.read, s.byJob = all, true, make(map[string][]*dkron.Silence)
	}
	fit, known := s.byJob[job]
	if !known {
		j, _ := s.tx.Job(job) // nil: deleted, and only its name is known
		for _, one := range s.silences {
			if one.Match.Named(job) && (one.Match.Plain() || j != nil && one.Match.Has(j)) {
				fit = append(fit, one)
			}
		}
		s.byJob[job] = fit
	}
	for i := len(fit) - 1; i >= 0; i-- {
		if fit[i].Until.After(at) && fit[i].From.Before(fit[i].Until) {
			return fit[i], nil
		}
	}
	return nil, nil
}

// add adds to the items of a message what was done since.
func (s *since) add(m *dkron.Message, out *messageJSON) error {
	for i := range m.Occurrences {
		o, item := &m.Occurrences[i], &out.Items[i]
		a, err := s.alert(o.Alert)
		if err != nil {
			return err
		}
		if a != nil {
			item.AckedAt, item.AckedBy, item.Note = respond.Nullable(a.AckedAt), a.AckedBy, a.AckNote
		}
		if o.Rule == "" || o.Job == "" { // a test, or a dead letter, which no silence holds back
			continue
		}
		found, err := s.silence(o.Job, m.At)
		if err != nil {
			return err
		}
		if found != nil {
			item.Silenced = &silencedJSON{
				Number: found.Number, From: respond.Nullable(found.From), Until: respond.Nullable(found.Until), By: found.CreatedBy,
				At: respond.Nullable(found.CreatedAt), Reason: found.Reason,
			}
		}
	}
	return nil
}
