package command

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Deliver records what attempts to deliver came to.
type Deliver struct {
	Results []dkron.Delivered
	Now     time.Time
}

// Fields describes the wire form.
func (c *Deliver) Fields(w *codec.Wire) {
	w.Since(2)
	codec.List(w, 1, &c.Results)
	w.Time(2, &c.Now)
}

// Apply records the results. One of a target that has ended already, or of a delivery that is gone, changes nothing: two
// leaders may have served the same target.
func (c *Deliver) Apply(tx *state.Tx) (any, error) {
	tx.Tick(c.Now)
	for i := range c.Results {
		if err := c.record(tx, &c.Results[i]); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (c *Deliver) record(tx *state.Tx, r *dkron.Delivered) error {
	d, err := tx.Delivery(r.Number)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	t := d.Target(r.Target)
	if t == nil || t.State != dkron.Undelivered {
		return nil
	}
	t.State = r.State
	switch r.State {
	case dkron.Undelivered:
		t.Attempts++
		t.Next = r.Next
	case dkron.DeliveryDone:
		t.Replaces, t.Output = r.Replaces, r.Output
	case dkron.DeliveryFailed, dkron.DeliveryDropped:
	}
	if err := tx.CountDelivered(d, r); err != nil {
		return err
	}
	if d.Kind.Notifies() {
		if err := noticeCame(tx, d, t, r); err != nil {
			return err
		}
	}
	for i := range d.Targets {
		if d.Targets[i].State == dkron.Undelivered {
			return tx.PutDelivery(d)
		}
	}
	if output, ok := d.Replacement(); ok {
		if err := tx.ReplaceOutput(d.Execution, output); err != nil {
			return err
		}
	}
	return tx.RemoveDelivery(d)
}

// deliver records that an ended execution is to be given to the processors of its job, if it has any.
func (c *Finish) deliver(tx *state.Tx, e *dkron.Execution) error {
	if !tx.Processes(e.JobNumber, e.JobName) {
		return nil
	}
	j, err := tx.Job(e.JobName)
	if err != nil {
		return err
	}
	d := &dkron.Delivery{Kind: dkron.DeliverOutput, Job: j.Name, JobNumber: j.Number, Execution: e.Number, At: c.Now}
	for _, name := range j.ProcessorNames() {
		d.Targets = append(d.Targets, dkron.DeliveryTarget{Name: name})
	}
	if j.Ephemeral {
		d.Copy, d.Processors = e, j.Processors
	}
	return tx.AddDelivery(d)
}
