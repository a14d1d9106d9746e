package command

import (
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Run launches a job on request. It ignores forbid and disabled; queue and replace apply.
type Run struct {
	Name    string
	Cause   dkron.Cause
	Targets []string
	Now     time.Time
	By      string

	Unreached uint64 // see dkron.Launch
	Missing   []string
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
}

// Apply records the launch.
func (c *Run) Apply(tx *state.Tx) (any, error) {
	j, p, err := tx.Record(c.Name)
	if err != nil {
		return nil, err
	}
	was := dkron.Record{Job: *j, Progress: *p}
	tx.Tick(c.Now)
	l := &dkron.Launch{Job: j.Name, JobNumber: j.Number, Nominal: c.Now, Cause: c.Cause, CreatedAt: c.Now, By: c.By}
	l.Unreached, l.Missing = c.Unreached, c.Missing
	l.Group = newGroup(p, c.Now)
	if err := admit(tx, p, l, c.Targets); err != nil {
		return nil, err
	}
	return &dkron.Launched{Launch: *l, Before: was}, nil
}
