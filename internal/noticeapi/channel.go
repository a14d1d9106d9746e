package noticeapi

import (
	"context"
	"net/http"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// channelJSON is a channel. Clients write name, type and settings.
type channelJSON struct {
	Name      string            `json:"name"`
	Type      string            `json:"type"`
	Settings  map[string]string `json:"settings"`
	Revision  uint64            `json:"revision"`
	UpdatedAt *time.Time        `json:"updated_at"`
	UpdatedBy string            `json:"updated_by"`
	Stat      *statJSON         `json:"stat,omitempty"`
}

// statJSON is what came of a channel's messages.
type statJSON struct {
	Sent        uint64     `json:"sent"`
	Failed      uint64     `json:"failed"`
	Waiting     bool       `json:"waiting"` // there is more to send
	SentAt      *time.Time `json:"sent_at"`
	LastError   string     `json:"last_error"`
	LastErrorAt *time.Time `json:"last_error_at"`
}

func newChannel(c *dkron.Channel) *channelJSON {
	settings := c.Settings
	if settings == nil {
		settings = map[string]string{}
	}
	return &channelJSON{
		Name: c.Name, Type: c.Type, Settings: settings, Revision: c.Revision, UpdatedAt: respond.Nullable(c.UpdatedAt), UpdatedBy: c.UpdatedBy,
	}
}

// channelWithStat returns a channel, and what came of its messages.
func channelWithStat(tx *state.Tx, c *dkron.Channel) (*channelJSON, error) {
	s, err := tx.ChannelStat(c.Name)
	if err != nil {
		return nil, err
	}
	waiting, err := tx.WaitingOccurrences(c.Name, nil, 1)
	out := newChannel(c)
	out.Stat = &statJSON{
		Sent: s.Sent, Failed: s.Failed, Waiting: len(waiting) > 0, SentAt: respond.Nullable(s.SentAt), LastError: s.LastError,
		LastErrorAt: respond.Nullable(s.LastErrorAt),
	}
	return out, err
}

func (a *api) listChannels(w http.ResponseWriter, r *http.Request) error {
	list, err := read(a, func(tx *state.Tx) (list []*channelJSON, err error) {
		all, err := tx.StoredChannels()
		for i := 0; err == nil && i < len(all); i++ {
			var c *channelJSON
			c, err = channelWithStat(tx, all[i])
			list = append(list, c)
		}
		return list, err
	})
	if err != nil {
		return err
	}
	return respond.List(w, r, len(list), list)
}

func (a *api) getChannel(w http.ResponseWriter, r *http.Request) error {
	c, err := read(a, func(tx *state.Tx) (*channelJSON, error) {
		c, err := tx.Channel(r.PathValue("channel"))
		if err != nil {
			return nil, err
		}
		return channelWithStat(tx, c)
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, c)
}

// writtenChannel reads a channel from a body. What the server adds may be there, and counts for nothing.
func writtenChannel(r *http.Request) (*dkron.Channel, error) {
	in := channelJSON{Name: r.PathValue("channel")}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Name != r.PathValue("channel") {
		return nil, dkron.Invalid("name %.64q differs from the name in the path, %.64q", in.Name, r.PathValue("channel"))
	}
	return &dkron.Channel{Name: in.Name, Type: in.Type, Settings: in.Settings}, nil
}

func (a *api) putChannel(w http.ResponseWriter, r *http.Request) error {
	c, err := writtenChannel(r)
	if err != nil {
		return err
	}
	done, err := request.Do(r.Context(), a.Controller, &request.SetChannel{Channel: *c})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newChannel(&done.Channel))
}

func (a *api) deleteChannel(w http.ResponseWriter, r *http.Request) error {
	if _, err := request.Do(r.Context(), a.Controller, &request.DeleteChannel{Channel: r.PathValue("channel")}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *api) listTypes(w http.ResponseWriter, r *http.Request) error {
	return respond.List(w, r, len(a.Types), a.Types)
}

// testTime is how long a test of a channel is waited for. The attempt itself has ten seconds.
const testTime = 20 * time.Second

// testChannel sends a message as the leader sends all others, and answers with what came of it.
func (a *api) testChannel(w http.ResponseWriter, r *http.Request) error {
	watch := a.Store.Watch()
	defer watch.Close()
	done, err := request.Do(r.Context(), a.Controller, &request.TryChannel{Channel: r.PathValue("channel")})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), testTime)
	defer cancel()
	m := &done.Message
	for m.State == dkron.MessageWaiting {
		select {
		case <-ctx.Done():
			return respond.JSON(w, r, http.StatusOK, newMessage(m)) // the feed shows what comes of it
		case <-watch.C:
			watch.Take()
		}
		if m, err = read(a, func(tx *state.Tx) (*dkron.Message, error) { return tx.Message(m.Number) }); err != nil {
			return err
		}
	}
	return respond.JSON(w, r, http.StatusOK, newMessage(m))
}

// previewJSON asks for a preview: of a channel as it is stored, or as it would be, on a past launch or a made-up one.
type previewJSON struct {
	Type     string            `json:"type"`
	Settings map[string]string `json:"settings"`
	Launch   string            `json:"launch"`
}

// previewed is what would be sent.
type previewed struct {
	Subject string `json:"subject"`
	Body    string `json:"body"`
}

func (a *api) previewChannel(w http.ResponseWriter, r *http.Request) error {
	var in previewJSON
	if err := decode(r, &in); err != nil {
		return err
	}
	out, err := read(a, func(tx *state.Tx) (out previewed, err error) {
		c := &dkron.Channel{Name: r.PathValue("channel"), Type: in.Type, Settings: in.Settings}
		if in.Type == "" {
			stored, err := tx.Channel(c.Name)
			if err != nil {
				return out, err
			}
			c = stored
			if in.Settings != nil {
				c.Settings = in.Settings
			}
		}
		if err := a.Sender.Check(c); err != nil {
			return out, err
		}
		m, err := pastMessage(tx, c.Name, in.Launch)
		if err != nil {
			return out, err
		}
		out.Subject, out.Body, err = a.Sender.Preview(c, a.Brief(tx, c, m))
		if err != nil {
			err = dkron.Invalid("the template fails: %v", err)
		}
		return out, err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

// pastMessage returns a message about a launch of the history; about a made-up one if id is empty.
func pastMessage(tx *state.Tx, channel, id string) (*dkron.Message, error) {
	at := tx.Clock()
	o := dkron.Occurrence{
		Rule: "example", Job: "example", Event: dkron.AlertFailed, Count: 1, First: at, Last: at, Group: at.UnixNano(), Reason: "exit code 1 on node1",
	}
	if id != "" {
		name, group, err := dkron.ParseLaunchID(id)
		if err != nil {
			return nil, err
		}
		j, p, err := tx.Record(name)
		if err != nil {
			return nil, dkron.Invalid("launch %.64q: there is no job of that name", id)
		}
		l, err := launchOf(tx, p, group)
		if err != nil {
			return nil, err
		}
		if l == nil {
			return nil, dkron.Invalid("launch %.64q is not in the history; take one from /v1/jobs/%s/launches", id, name)
		}
		o = dkron.Occurrence{
			Rule: "example", Job: j.Name, JobNumber: j.Number, Event: eventOf(l.State), Count: 1, First: l.EndedAt, Last: l.EndedAt, Group: group,
			Reason: l.Reason,
		}
		err = tx.History(p, func(e *dkron.Execution) bool {
			if e.Group == group || e.Key.Launch == l.Number {
				o.Execution = e.Number
			}
			return o.Execution == 0
		})
		if err != nil {
			return nil, err
		}
	}
	return &dkron.Message{Channel: channel, At: at, Occurrences: []dkron.Occurrence{o}, Total: 1}, nil
}

func launchOf(tx *state.Tx, p *dkron.Progress, group int64) (found *dkron.Launch, err error) {
	j, err := tx.Job(p.Name)
	if err != nil {
		return nil, err
	}
	err = tx.LaunchHistoryFrom(p, j.Number, 1<<63, func(_ uint64, l *dkron.Launch) bool {
		if l.Group == group {
			found = l
		}
		return found == nil
	})
	return found, err
}

// eventOf returns what a rule would notice.
func eventOf(s dkron.LaunchState) dkron.AlertEvent {
	switch s {
	case dkron.LaunchSuccess:
		return dkron.AlertRecovered
	case dkron.LaunchLost, dkron.LaunchNoTarget, dkron.LaunchMissed, dkron.LaunchSkipped:
		return dkron.AlertEvent(s)
	}
	return dkron.AlertFailed
}
