package command

import (
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Run launches a job on request, or runs one of its launches again. It ignores forbid and disabled; queue and replace apply.
type Run struct {
	Name    string
	Cause   dkron.Cause
	Targets []string
	Now     time.Time
	By      string

	Unreached uint64 // see dkron.Launch
	Missing   []string

	Change *dkron.Change
	Alone  bool
	Of     uint64 // record in the launch history that this launch runs again, 0 if none
	Notifying
}

// Fields describes the wire form.
func (c *Run) Fields(w *codec.Wire) {
	w.String(1, &c.Name)
	codec.Text(w, 2, &c.Cause)
	w.Strings(3, &c.Targets)
	w.Time(4, &c.Now)
	w.String(5, &c.By)
	w.Uint(6, &c.Unreached)
	w.Strings(7, &c.Missing)
	w.Since(2)
	codec.Optional(w, 8, &c.Change)
	w.Bool(9, &c.Alone)
	w.Uint(10, &c.Of)
	w.Strings(11, &c.Channels)
}

// Apply records the launch.
func (c *Run) Apply(tx *state.Tx) (any, error) {
	j, p, err := tx.Record(c.Name)
	if err != nil {
		return nil, err
	}
	old, err := endedOf(tx, c.Of, j.Number)
	if err != nil {
		return nil, err
	}
	was := dkron.Record{Job: *j, Progress: *p}
	tx.Tick(c.Now)
	tx.SetChannels(c.Channels)
	l := &dkron.Launch{Job: j.Name, JobNumber: j.Number, Nominal: c.Now, Cause: c.Cause, CreatedAt: c.Now, By: c.By}
	l.Unreached, l.Missing = c.Unreached, c.Missing
	l.Change, l.Alone = c.Change, c.Alone
	l.Group = newGroup(p, c.Now)
	if err := runAgain(tx, c.Of, old, l); err != nil {
		return nil, err
	}
	if err := admit(tx, p, l, c.Targets); err != nil {
		return nil, err
	}
	noteChange(tx, dkron.AuditLaunch, l.ID(), nil, l.Change, nil)
	return &dkron.Launched{Launch: *l, Before: was}, nil
}
