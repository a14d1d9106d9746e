package command

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Assign gives targets to waiting launches, or gives them up, and nodes to retries that may run elsewhere.
type Assign struct {
	Targets []dkron.Assignment
	Now     time.Time
	Places  []dkron.Placement
	Notifying
}

// Fields describes the wire form.
func (c *Assign) Fields(w *codec.Wire) {
	codec.List(w, 1, &c.Targets)
	w.Time(2, &c.Now)
	codec.List(w, 3, &c.Places)
	w.Since(2)
	w.Strings(4, &c.Channels)
}

// Apply assigns those that still wait.
func (c *Assign) Apply(tx *state.Tx) (any, error) {
	tx.Tick(c.Now)
	tx.SetChannels(c.Channels)
	for _, at := range c.Places {
		e, err := tx.Execution(at.Key)
		if errors.Is(err, dkron.ErrNotFound) || err == nil && (!e.Unplaced || e.Attempt != at.Attempt) {
			continue
		}
		if err != nil {
			return nil, err
		}
		taken, err := hasNode(tx, e.Key, at.Node)
		if err != nil {
			return nil, err
		}
		if taken {
			continue // the leader will choose another
		}
		e.NodeName, e.Unplaced = at.Node, false
		tx.NoteExecution(state.ExecutionStarted, e)
		if err := tx.PutExecution(e); err != nil {
			return nil, err
		}
		if err := notifyStart(tx, e); err != nil {
			return nil, err
		}
	}
	for _, a := range c.Targets {
		l, err := tx.Launch(a.Launch)
		if errors.Is(err, dkron.ErrNotFound) || err == nil && l.State != dkron.LaunchWaiting {
			continue
		}
		if err != nil {
			return nil, err
		}
		l.Unreached, l.Missing = a.Unreached, a.Missing
		if len(a.Nodes) > 0 {
			err = assign(tx, l, a.Nodes, c.Now)
		} else {
			l.State, l.Reason = dkron.LaunchNoTarget, noTarget(l)
			err = c.giveUp(tx, l)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// noTarget returns why a launch had no node.
func noTarget(l *dkron.Launch) string {
	if l.Unreached == 0 {
		return dkron.ErrNoTarget.Error()
	}
	return fmt.Sprintf("none of the nodes that match the job's tags could be reached: %s", some(l.Missing, l.Unreached))
}

// some lists names, and how many more there are.
func some(names []string, all uint64) string {
	text := strings.Join(names, ", ")
	if more := int(all) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// hasNode reports whether another execution of the same launch has the node: the two would have one id.
func hasNode(tx *state.Tx, k dkron.ExecutionKey, node string) (has bool, err error) {
	err = tx.LaunchExecutions(k.Launch, func(e *dkron.Execution) bool {
		has = e.Key != k && e.NodeName == node
		return !has
	})
	return has, err
}

func (c *Assign) giveUp(tx *state.Tx, l *dkron.Launch) error {
	p, err := tx.Progress(l.JobNumber)
	if errors.Is(err, dkron.ErrNotFound) {
		p, err = nil, nil
	}
	if err != nil {
		return err
	}
	if err := notifyNoTarget(tx, l, c.Now); err != nil {
		return err
	}
	return end(tx, l, p, c.Now)
}
