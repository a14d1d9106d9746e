package noticeapi

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// alertJSON is an open alert.
type alertJSON struct {
	Number      uint64           `json:"number"`
	Rule        string           `json:"rule"`
	Severity    string           `json:"severity"`
	Job         string           `json:"job"`
	DisplayName string           `json:"displayname"`
	Event       dkron.AlertEvent `json:"event"`
	Since       *time.Time       `json:"since"`
	Last        *time.Time       `json:"last"`
	Count       uint64           `json:"count"`
	Launch      string           `json:"launch"`
	Reason      string           `json:"reason"`
	AckedAt     *time.Time       `json:"acked_at"`
	AckedBy     string           `json:"acked_by"`
	Note        string           `json:"note"`
}

func word(s dkron.AlertSeverity) string {
	if s == "" {
		s = dkron.SeverityWarning
	}
	return string(s)
}

func launchID(job string, group int64) string {
	if group == 0 {
		return ""
	}
	return dkron.LaunchID(job, group)
}

func (a *api) newAlert(x *dkron.Alert) *alertJSON {
	out := &alertJSON{
		Number: x.Number, Rule: x.Rule, Severity: word(x.Severity), Job: x.Job, Event: x.Event, Since: respond.Nullable(x.Since),
		Last: respond.Nullable(x.Last), Count: x.Count, Launch: launchID(x.Job, x.Group), Reason: x.Reason,
		AckedAt: respond.Nullable(x.AckedAt), AckedBy: x.AckedBy, Note: x.AckNote,
	}
	if j := a.Store.Index().Job(x.JobNumber); j != nil {
		out.DisplayName = j.DisplayName
	}
	return out
}

// listAlerts lists what is wrong now, of all jobs or of some, newest first.
func (a *api) listAlerts(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	page, err := respond.ParsePage(q)
	if err != nil {
		return err
	}
	all, err := read(a, func(tx *state.Tx) ([]*dkron.Alert, error) { return tx.Alerts() })
	if err != nil {
		return err
	}
	if jobs := slices.DeleteFunc(q["job"], func(name string) bool { return name == "" }); len(jobs) > 0 {
		all = slices.DeleteFunc(all, func(x *dkron.Alert) bool { return !slices.Contains(jobs, x.Job) })
	}
	slices.SortFunc(all, func(x, y *dkron.Alert) int { return cmp.Compare(y.Number, x.Number) })
	var list []*alertJSON
	for _, one := range respond.Cut(page, all) {
		list = append(list, a.newAlert(one))
	}
	return respond.List(w, r, len(all), list)
}

func (a *api) ackAlert(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "an alert")
	if err != nil {
		return err
	}
	var in struct {
		Note string `json:"note"`
	}
	if err := decode(r, &in); err != nil {
		return err
	}
	done, err := request.Do(r.Context(), a.Controller, &request.AckAlert{Alert: n, Note: in.Note})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, a.newAlert(&done.Alert))
}

// messageJSON is a message and what came of it.
type messageJSON struct {
	Number   uint64             `json:"number"`
	Channel  string             `json:"channel"`
	At       *time.Time         `json:"at"`
	State    dkron.MessageState `json:"state"`
	Test     bool               `json:"test"`
	By       string             `json:"by"`
	Items    []itemJSON         `json:"items"`
	More     uint64             `json:"more"`
	Total    uint64             `json:"total"`
	Attempts uint64             `json:"attempts"`
	Next     *time.Time         `json:"next"`
	Error    string             `json:"error"`
	EndedAt  *time.Time         `json:"ended_at"`

	Setting    string `json:"setting"`    // through which it goes; empty for a stored channel
	Resendable bool   `json:"resendable"` // whether it may be sent again
}

// itemJSON is one thing that a message is about.
type itemJSON struct {
	Title    string           `json:"title"`
	Rule     string           `json:"rule"`
	Severity string           `json:"severity"`
	Job      string           `json:"job"`
	Event    dkron.AlertEvent `json:"event"`
	Count    uint64           `json:"count"`
	First    *time.Time       `json:"first"`
	Last     *time.Time       `json:"last"`
	Launch   string           `json:"launch"`
	Reason   string           `json:"reason"`
	Alert    uint64           `json:"alert"`

	// What was done since about the alert, which must still be open for that to be known, and about the job.
	AckedAt  *time.Time    `json:"acked_at"`
	AckedBy  string        `json:"acked_by"`
	Note     string        `json:"note"`
	Silenced *silencedJSON `json:"silenced"`
}

func newMessage(m *dkron.Message) *messageJSON {
	out := &messageJSON{
		Number: m.Number, Channel: m.Channel, At: respond.Nullable(m.At), State: m.State, Test: m.Test, By: m.By, Items: []itemJSON{},
		More: m.More, Total: m.Total, Attempts: m.Attempts, Next: respond.Nullable(m.Next), Error: m.Error, EndedAt: respond.Nullable(m.EndedAt),
		Setting: m.Setting(), Resendable: m.Stale() == "",
	}
	for i := range m.Occurrences {
		o := &m.Occurrences[i]
		out.Items = append(out.Items, itemJSON{
			Title: o.Title(), Rule: o.Rule, Severity: word(o.Severity), Job: o.Job, Event: o.Event, Count: o.Count,
			First: respond.Nullable(o.First), Last: respond.Nullable(o.Last), Launch: launchID(o.Job, o.Group), Reason: o.Reason, Alert: o.Alert,
		})
	}
	return out
}

// maxListed is how many messages one answer has.
const maxListed = 500

// listMessages lists what was sent to whom and what could not be, newest first.
func (a *api) listMessages(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	page, err := respond.ParsePage(q)
	if err != nil {
		return err
	}
	channel, wanted := q.Get("channel"), dkron.MessageState(q.Get("state"))
	if !slices.Contains([]dkron.MessageState{"", dkron.MessageWaiting, dkron.MessageSent, dkron.MessageFailed}, wanted) {
		return respond.Refuse(http.StatusBadRequest, "state must be waiting, sent or failed, got %q", respond.Shorten(string(wanted)))
	}
	total := 0
	list, err := read(a, func(tx *state.Tx) (list []*messageJSON, err error) {
		now := since{tx: tx}
		var failed error
		err = tx.Messages(func(m *dkron.Message) bool {
			if channel != "" && m.Channel != channel || wanted != "" && m.State != wanted {
				return true
			}
			if total >= page.Start && total < page.End && len(list) < maxListed {
				list = append(list, newMessage(m))
				failed = errors.Join(failed, now.add(m, list[len(list)-1]))
			}
			total++
			return true
		})
		return list, errors.Join(err, failed)
	})
	if err != nil {
		return err
	}
	return respond.List(w, r, total, list)
}

func (a *api) getMessage(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "a message")
	if err != nil {
		return err
	}
	out, err := read(a, func(tx *state.Tx) (*messageJSON, error) {
		m, err := tx.Message(n)
		if err != nil {
			return nil, err
		}
		out := newMessage(m)
		return out, (&since{tx: tx}).add(m, out)
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

func (a *api) resendMessage(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "a message")
	if err != nil {
		return err
	}
	done, err := request.Do(r.Context(), a.Controller, &request.ResendMessage{Number: n})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusAccepted, newMessage(&done.Message))
}
