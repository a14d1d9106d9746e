package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"dkron"
	"dkron/internal/spool"
	"dkron/plugin"
)

// NodeConfig is what a Node needs.
type NodeConfig struct {
	Name    string                             // of this node
	Find    func(name string) plugin.Processor // nil for an unknown name
	Outputs *spool.Spool
	Serves  func(term uint64) error // why a leader of that term is not served

	Timeout time.Duration // of a call; 0 is 30 s
}

// Node calls the processors of this node, for the leader, with the outputs of what ran here. It is safe for concurrent use.
type Node struct {
	NodeConfig

	mu    sync.Mutex // guards the fields below
	going map[string]bool
	slots map[string]chan struct{} // by processor
}

// NewNode returns a Node.
func NewNode(cfg NodeConfig) *Node {
	if cfg.Timeout == 0 {
		cfg.Timeout = timeout
	}
	return &Node{NodeConfig: cfg, going: make(map[string]bool), slots: make(map[string]chan struct{})}
}

// Process calls a processor. What the processor failed with is in the answer; the error is that of a leader that is not
// served.
func (n *Node) Process(ctx context.Context, c *Call) (*Answer, error) {
	if err := n.Serves(c.Term); err != nil {
		return nil, dkron.Error(dkron.ErrConflict, "the call was refused: %s", err)
	}
	p := n.Find(c.Processor)
	if p == nil {
		return answer(nil, fmt.Errorf("it has no processor of that name: %w", plugin.ErrUndeliverable)), nil
	}
	req := request(n.Name, &subject{execution: &c.Execution, config: c.Config})
	if err := n.whole(req, &c.Execution); err != nil {
		return answer(nil, err), nil
	}
	leave, err := n.enter(ctx, c)
	if err != nil {
		return answer(nil, err), nil
	}
	returned, hangs := make(chan struct{}), false
	resp, err := invoke(ctx, n.Timeout, p, req, returned, &hangs)
	if hangs {
		go func() {
			<-returned
			leave()
		}()
	} else {
		leave()
	}
	return answer(resp, err), nil
}

// Drop removes the output of an execution.
func (n *Node) Drop(d *Drop) error {
	if err := n.Serves(d.Term); err != nil {
		return dkron.Error(dkron.ErrConflict, "the call was refused: %s", err)
	}
	n.Outputs.Drop(d.Execution)
	return nil
}

// enter waits until the processor may be called once more, as long as ctx allows. It refuses a call that goes on already:
// its leader is gone, and the next one repeats it.
func (n *Node) enter(ctx context.Context, c *Call) (leave func(), err error) {
	id := strings.Join([]string{c.Processor, c.Execution.JobName, c.Execution.ID()}, "\x00")
	n.mu.Lock()
	slots := n.slots[c.Processor]
	if slots == nil {
		slots = make(chan struct{}, perTarget)
		n.slots[c.Processor] = slots
	}
	busy := n.going[id]
	n.going[id] = true
	n.mu.Unlock()
	if busy {
		return nil, errors.New("an earlier call with this output still goes on")
	}
	end := func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.going, id)
	}
	select {
	case slots <- struct{}{}:
		return func() { <-slots; end() }, nil
	case <-ctx.Done():
		end()
		return nil, fmt.Errorf("%d other calls of the processor go on there", perTarget)
	}
}

// whole gives a request what this node has kept of the output, unless the history has as much of it.
func (n *Node) whole(req *plugin.ProcessRequest, e *dkron.Execution) error {
	size, err := n.Outputs.Size(e.Ref())
	switch {
	case errors.Is(err, spool.ErrRuns):
		return err
	case err != nil, size < int64(len(e.Output)): // nothing was kept, or not much: Output has a mark of its own
		return nil
	}
	before, after := string(req.Output[:len(req.Output)-len(e.Output)]), ""
	switch {
	case size < int64(e.OutputSize):
		after = dkron.GapMark(e.OutputSize-uint64(size), e.OutputSize)
	case e.Outcome == dkron.Lost:
		after = UnknownRest
	}
	req.Size = int64(len(before)) + size + int64(len(after))
	req.Open = func() (io.ReadCloser, error) {
		f, err := n.Outputs.Open(e.Ref())
		if err != nil {
			return nil, err
		}
		return &joined{io.MultiReader(strings.NewReader(before), f, strings.NewReader(after)), f}, nil
	}
	return nil
}

// UnknownRest is the end of a whole output whose execution is lost.
const UnknownRest = "\n[... what followed is not known ...]\n"

// joined reads several and closes one.
type joined struct {
	io.Reader
	io.Closer
}
