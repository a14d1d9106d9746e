package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dkron"
	"dkron/internal/state"
	"dkron/plugin"
)

const (
	// perNode is how many calls may go on at one node at once. Others wait, and hold up only their jobs.
	perNode = 32
	// travel is how much longer than the processor a call of a node may take.
	travel = 5 * time.Second
)

// Nodes calls the processors of nodes, of this one too.
type Nodes interface {
	Process(ctx context.Context, node string, c *Call) (*Answer, error)
	Drop(ctx context.Context, node string, d *Drop) error
}

// Remote calls the processors of another node.
type Remote interface {
	Process(ctx context.Context, n dkron.Node, c *Call) (*Answer, error)
	DropOutput(ctx context.Context, n dkron.Node, d *Drop) error
}

// Everywhere is the processors of all nodes, as the leader calls them: its own without a network.
type Everywhere struct {
	Own     *Node
	Members func() []dkron.Node
	Remote  Remote
}

// Process calls a processor of a node.
func (e Everywhere) Process(ctx context.Context, node string, c *Call) (*Answer, error) {
	if node == e.Own.Name {
		return e.Own.Process(ctx, c)
	}
	n, err := e.member(node)
	if err != nil {
		return nil, err
	}
	return e.Remote.Process(ctx, n, c)
}

// Drop removes an output from a node.
func (e Everywhere) Drop(ctx context.Context, node string, d *Drop) error {
	if node == e.Own.Name {
		return e.Own.Drop(d)
	}
	n, err := e.member(node)
	if err != nil {
		return err
	}
	return e.Remote.DropOutput(ctx, n, d)
}

func (e Everywhere) member(name string) (dkron.Node, error) {
	for _, n := range e.Members() {
		if n.Name == name {
			return n, nil
		}
	}
	return dkron.Node{}, dkron.Error(dkron.ErrUnavailable, "it is not in the cluster")
}

// place is where a whole output is.
type place struct {
	node      string
	execution dkron.ExecutionRef
}

// elsewhere has the node that ran the execution call its own processor, with the whole output.
func (c *call) elsewhere(ctx context.Context, s *subject) (*plugin.ProcessResponse, error) {
	select {
	case c.Runner.moved <- c:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	node := s.execution.NodeName
	leave, err := c.places.enter(ctx, node)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout+travel)
	defer cancel()
	a, err := c.Nodes.Process(ctx, node, &Call{Term: c.Term, Processor: c.lane.name, Config: s.config, Execution: *s.execution})
	if err != nil {
		return nil, fmt.Errorf("node %s, which has the output: %w", node, err)
	}
	return a.response(node)
}

// answer returns what a node answers after a call.
func answer(resp *plugin.ProcessResponse, err error) *Answer {
	a := new(Answer)
	switch {
	case err != nil:
		a.Error, a.Hopeless = short(err), errors.Is(err, plugin.ErrUndeliverable)
	case resp != nil && resp.Output != nil:
		a.Replaces, a.Output = true, resp.Output[:min(len(resp.Output), dkron.MaxOutput)]
	}
	return a
}

// response is what answer was made from.
func (a *Answer) response(node string) (*plugin.ProcessResponse, error) {
	switch {
	case a.Hopeless:
		return nil, &hopeless{fmt.Sprintf("node %s: %s", node, a.Error)}
	case a.Error != "":
		return nil, fmt.Errorf("node %s: %s", node, a.Error)
	case a.Replaces:
		return &plugin.ProcessResponse{Output: append([]byte{}, a.Output...)}, nil // not nil, if empty
	}
	return new(plugin.ProcessResponse), nil
}

// hopeless is an error of a node that no later attempt can mend. Its text says so already.
type hopeless struct{ text string }

func (e *hopeless) Error() string { return e.text }
func (e *hopeless) Unwrap() error { return plugin.ErrUndeliverable }

// places bounds the calls that go on at each node.
type places struct {
	mu    sync.Mutex // guards nodes
	nodes map[string]chan struct{}
}

// enter waits for a place at a node, until ctx ends.
func (p *places) enter(ctx context.Context, node string) (leave func(), err error) {
	p.mu.Lock()
	if p.nodes == nil {
		p.nodes = make(map[string]chan struct{})
	}
	all := p.nodes[node]
	if all == nil {
		all = make(chan struct{}, perNode)
		p.nodes[node] = all
	}
	p.mu.Unlock()
	select {
	case all <- struct{}{}:
		return func() { <-all }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// drop tells the node of a delivery that it may drop the output, if that was recorded: no processor there has still to be
// given it. A node that does not hear of it drops it by its age.
func (r *Runner) drop(delivery uint64) {
	p, kept := r.kept[delivery]
	if !kept {
		return
	}
	delete(r.kept, delivery)
	go func() {
		needed, err := r.needed(delivery)
		if err != nil || needed {
			return // the next target that ends asks again
		}
		ctx, cancel := context.WithTimeout(r.ctx, travel)
		defer cancel()
		if err := r.Nodes.Drop(ctx, p.node, &Drop{Term: r.Term, Execution: p.execution}); err != nil {
			r.Logger.Debug("a node could not be told that its output is delivered; it drops it within 27 hours", "member", p.node, "error", err)
		}
	}()
}

// needed reports whether a delivery has still a target on the node.
func (r *Runner) needed(delivery uint64) (needed bool, err error) {
	err = r.State.View(func(tx *state.Tx) error {
		d, err := tx.Delivery(delivery)
		if err != nil {
			return err
		}
		configs := d.Processors
		if d.Copy == nil {
			j, err := tx.Job(d.Job)
			if err != nil {
				return err
			}
			configs = j.Processors
		}
		for i := range d.Targets {
			t := &d.Targets[i]
			needed = needed || t.State == dkron.Undelivered && dkron.ProcessedOn(configs[t.Name]) == dkron.ProcessorOnNode
		}
		return nil
	})
	if errors.Is(err, dkron.ErrNotFound) { // it has ended, or its job is gone
		return false, nil
	}
	return needed, err
}
