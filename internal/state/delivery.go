package state

import (
	"errors"
	"fmt"

	"dkron"
)

// Processes reports whether ended executions of a job are delivered to processors. It reads no disk. Replicas must write
// the same deliveries, so that all servers must know of them.
func (tx *Tx) Processes(job uint64, name string) bool {
	if tx.meta.Protocol < protocolOfDeliveries {
		return false
	}
	if e, changed := tx.entries[name]; changed {
		return e != nil && e.Number == job && e.Processed
	}
	e := tx.index.Job(job)
	return e != nil && e.Processed
}

// protocolOfDeliveries is the protocol that introduced them.
const protocolOfDeliveries = 2

// SetChannels sets the channels through which the entry that is being applied notifies people of executions that start and end. The
// next entry has none.
func (tx *Tx) SetChannels(channels []string) { tx.channels = channels }

// Channels returns those of the entry's channels that are for a kind of delivery. It costs nothing if there are none.
func (tx *Tx) Channels(kind dkron.DeliveryKind) []string {
	if len(tx.channels) == 0 {
		return nil
	}
	return kind.Channels(tx.channels)
}

// AddDelivery gives a delivery its number and stores it. The oldest goes if there are too many, or if it is too old.
func (tx *Tx) AddDelivery(d *dkron.Delivery) error {
	tx.meta.Deliveries++
	tx.meta.Undelivered++
	if d.Kind.Notifies() {
		tx.meta.Unnotified++
	}
	tx.changes.Deliveries = true
	d.Number = tx.meta.Deliveries
	if err := tx.PutDelivery(d); err != nil {
		return err
	}
	err := tx.countDeliveries(d, func(stats *dkron.DeliveryStats) {
		for i := range d.Targets {
			stats.Of(d.Targets[i].Name).Pending++
		}
	})
	if err != nil {
		return err
	}
	return tx.dropDeliveries()
}

// dropDeliveries drops the oldest deliveries that are beyond the limits.
func (tx *Tx) dropDeliveries() error {
	for {
		var oldest *dkron.Delivery
		err := tx.EachDelivery(0, func(d *dkron.Delivery) bool {
			oldest = d
			return false
		})
		if err != nil || oldest == nil {
			return err
		}
		if tx.meta.Undelivered <= dkron.MaxDeliveries && tx.meta.Clock.Sub(oldest.At) <= dkron.MaxDeliveryAge {
			return nil
		}
		err = tx.countDeliveries(oldest, func(stats *dkron.DeliveryStats) {
			for i := range oldest.Targets {
				if t := &oldest.Targets[i]; t.State == dkron.Undelivered {
					s := stats.Of(t.Name)
					s.Pending, s.Dropped = s.Pending-min(s.Pending, 1), s.Dropped+1
				}
			}
		})
		if err == nil {
			err = tx.RemoveDelivery(oldest)
		}
		if err == nil {
			err = tx.keepDropped(oldest)
		}
		if err != nil {
			return err
		}
	}
}

// keepDropped makes a notice that is dropped a dead letter for each channel that has not sent it.
func (tx *Tx) keepDropped(d *dkron.Delivery) error {
	if !d.Kind.Notifies() {
		return nil
	}
	for i := range d.Targets {
		if t := &d.Targets[i]; t.State == dkron.Undelivered {
			if err := tx.AddLetter(d, t.Name, "it was dropped: it waited for too long, or too many did"); err != nil {
				return err
			}
		}
	}
	return nil
}

// PutDelivery stores a delivery.
func (tx *Tx) PutDelivery(d *dkron.Delivery) error { return tx.put(tableDelivery, key(d.Number), d) }

// RemoveDelivery removes a delivery that is kept.
func (tx *Tx) RemoveDelivery(d *dkron.Delivery) error {
	tx.meta.Undelivered -= min(tx.meta.Undelivered, 1)
	if d.Kind.Notifies() {
		tx.meta.Unnotified -= min(tx.meta.Unnotified, 1)
	}
	return tx.remove(tableDelivery, key(d.Number))
}

// Delivery returns a delivery that is kept, or ErrNotFound.
func (tx *Tx) Delivery(number uint64) (*dkron.Delivery, error) {
	d := new(dkron.Delivery)
	err := tx.get(tableDelivery, key(number), d)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("delivery %d: %w", number, dkron.ErrNotFound)
	}
	return d, err
}

// EachDelivery calls fn for the deliveries that are kept, oldest first, from the given number on, until it returns false.
func (tx *Tx) EachDelivery(from uint64, fn func(*dkron.Delivery) bool) error {
	return scan(tx.bolt, tableDelivery, key(from), func(_ []byte, d *dkron.Delivery) bool { return fn(d) })
}

// Undelivered returns how many deliveries are kept, and how many of these go to channels.
func (tx *Tx) Undelivered() (all, notices uint64) { return tx.meta.Undelivered, tx.meta.Unnotified }

// DeliveryStats returns the counts of a job's deliveries.
func (tx *Tx) DeliveryStats(job uint64) (*dkron.DeliveryStats, error) {
	stats := new(dkron.DeliveryStats)
	err := tx.get(tableDelivered, key(job), stats)
	if errors.Is(err, errAbsent) {
		err = nil
	}
	return stats, err
}

// DeliveriesOf returns a job and the counts of its deliveries, or ErrNotFound.
func (tx *Tx) DeliveriesOf(name string) (*dkron.Job, *dkron.DeliveryStats, error) {
	j, err := tx.Job(name)
	if err != nil {
		return nil, nil, err
	}
	stats, err := tx.DeliveryStats(j.Number)
	return j, stats, err
}

// CountDelivered adds the end of an attempt to the counts of the job.
func (tx *Tx) CountDelivered(d *dkron.Delivery, r *dkron.Delivered) error {
	return tx.countDeliveries(d, func(stats *dkron.DeliveryStats) {
		s := stats.Of(r.Target)
		if r.State != dkron.Undelivered {
			s.Pending -= min(s.Pending, 1)
		}
		switch r.State {
		case dkron.DeliveryDone:
			s.Delivered++
			s.Attempts, s.DeliveredAt = 0, tx.meta.Clock
		case dkron.DeliveryDropped:
			s.Dropped++
		case dkron.DeliveryFailed:
			s.Failed++
			fallthrough
		case dkron.Undelivered:
			s.Attempts++
			s.LastError, s.LastErrorAt = r.Error, tx.meta.Clock
		}
	})
}

// countDeliveries changes the counts of a job, unless it is gone. They are of processors.
func (tx *Tx) countDeliveries(d *dkron.Delivery, change func(*dkron.DeliveryStats)) error {
	if d.Kind.Notifies() {
		return nil
	}
	job := d.JobNumber
	if _, err := tx.Progress(job); err != nil {
		if errors.Is(err, dkron.ErrNotFound) {
			return nil
		}
		return err
	}
	stats, err := tx.DeliveryStats(job)
	if err != nil {
		return err
	}
	change(stats)
	return tx.put(tableDelivered, key(job), stats)
}

// ExecutedRecord returns a record of the execution history with its output, or ErrNotFound if it is no longer kept or the
// job was deleted.
func (tx *Tx) ExecutedRecord(number uint64) (*dkron.Execution, error) {
	e, err := tx.RecordedExecution(number)
	if err != nil {
		return nil, err
	}
	return e, tx.readOutput(e)
}

// RecordedExecution is ExecutedRecord without an output that is stored apart from the record.
func (tx *Tx) RecordedExecution(number uint64) (*dkron.Execution, error) {
	e := new(dkron.Execution)
	err := tx.get(tableExecuted, key(number), e)
	if err == nil {
		var p *dkron.Progress
		if p, err = tx.Progress(e.JobNumber); err == nil && tx.keepExecution(e, p) {
			return e, nil
		}
	}
	if err == nil || errors.Is(err, errAbsent) || errors.Is(err, dkron.ErrNotFound) {
		return nil, fmt.Errorf("record %d of the execution history: %w", number, dkron.ErrNotFound)
	}
	return nil, err
}

// ReplaceOutput replaces the output of a record of the execution history, if it is still kept. How long the record is
// kept still depends on the output that it was made with, as the bounds hold along the chain of records only then.
func (tx *Tx) ReplaceOutput(number uint64, output []byte) error {
	e := new(dkron.Execution)
	if err := tx.get(tableExecuted, key(number), e); errors.Is(err, errAbsent) {
		return nil
	} else if err != nil {
		return err
	}
	if p, err := tx.Progress(e.JobNumber); errors.Is(err, dkron.ErrNotFound) || err == nil && !tx.keepExecution(e, p) {
		return nil
	} else if err != nil {
		return err
	}
	size := outputSize(e)
	if err := tx.removeOutput(e); err != nil {
		return err
	}
	if e.Replaced == nil {
		e.Replaced = &dkron.Replaced{Size: size}
	}
	if e.Number > tx.meta.UnlinkedRuns || e.Number <= tx.meta.SweptRun { // those between were never counted
		tx.meta.Held += uint64(len(output)) - min(size, tx.meta.Held)
	}
	e.Apart, e.Output, e.OutputSize = 0, output, uint64(len(output))
	return tx.putExecuted(e)
}
