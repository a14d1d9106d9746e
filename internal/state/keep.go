package state

import "dkron"

// mostWhole is how many executions are kept because they belong to the newest launch. It bounds what a launch with very
// many targets, or one that never ends while others run, can hold on to.
const mostWhole = 10_000

// wholeOpen is how many running launches are searched for executions to keep.
const wholeOpen = 32

// The bounds hold along a job's chain of records: after the first record that is not kept, none is.

func (tx *Tx) keepExecution(e *dkron.Execution, p *dkron.Progress) bool {
	keep := p.History.Or(tx.meta.Settings.History)
	behind := p.Executions - e.Ordinal
	newest := behind == 0 // kept whatever its age and size, if the bound for all jobs has room
	whole := p.Whole != 0 && e.Ordinal >= p.Whole && behind < mostWhole || newest
	switch {
	case e.Ordinal <= p.Cleared, behind >= keep.Count && !whole:
		return false
	case keep.Age > 0 && !whole && tx.meta.Clock.Sub(e.RecordedAt) > keep.Age:
		return false
	default:
		return keep.Bytes == 0 || newest || p.Bytes-e.Written+recordedSize(e) <= keep.Bytes
	}
}

func (tx *Tx) keepLaunch(l *dkron.Launch, p *dkron.Progress) bool {
	keep := p.History.Or(tx.meta.Settings.History)
	return p.Launches-l.Ordinal < keep.Launches() &&
		(keep.Age == 0 || p.NewestEnd != 0 && l.Ordinal >= p.NewestEnd || tx.meta.Clock.Sub(l.RecordedAt) <= keep.Age)
}

// keepWhole records, when a launch has ended, the first execution that must be kept for the sake of the newest ended
// launch and of those that still run.
func (tx *Tx) keepWhole(l *dkron.Launch, p *dkron.Progress) error {
	if l.First == 0 {
		return nil
	}
	if l.Number > p.Newest {
		p.Newest, p.NewestFirst, p.NewestEnd = l.Number, l.First, l.Ordinal
	}
	p.Whole = p.NewestFirst
	if p.Active == 0 {
		return nil
	}
	open := tx.OpenLaunchesOf(l.JobNumber)
	for _, n := range open[:min(len(open), wholeOpen)] {
		running, err := tx.Launch(n)
		if err != nil {
			return err
		}
		if running.First != 0 {
			p.Whole = min(p.Whole, running.First)
		}
	}
	return nil
}
