package pluginhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

const (
	// processLimit is how long a call of a processor may take.
	processLimit = 30 * time.Second
	// lateLimit is how much later than its limit a plugin that knows the limit may answer.
	lateLimit = 700 * time.Millisecond
)

// processor is a plugin that takes outputs somewhere.
type processor struct{ s *supervised }

// Process gives a result to the plugin's process. One that does not answer in time is given up: others of its calls may
// end, and later ones go to a fresh process.
func (p processor) Process(ctx context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, processLimit)
	defer cancel()
	for {
		i, err := p.s.acquire(ctx)
		if err != nil {
			return nil, err
		}
		ready, err := p.turn(ctx, i)
		if err != nil {
			return nil, err
		}
		if ready {
			return p.process(ctx, i, req)
		}
	}
}

// turn waits until the process may be called. It reports false if another one is to be acquired.
func (p processor) turn(ctx context.Context, i *instance) (ready bool, err error) {
	if i.about != nil {
		return true, nil
	}
	select {
	case i.link.turn <- struct{}{}:
		select {
		case <-i.left:
			p.free(i)
			return false, nil
		default:
			return true, nil
		}
	case <-i.left:
		p.s.release(i)
		return false, nil
	case <-ctx.Done():
		p.s.release(i)
		return false, fmt.Errorf("plugin %s: it was made for Dkron v4, so it gets one result at a time, and others took too long: %w", p.s.file.name, ctx.Err())
	}
}

// free gives an instance back, and the turn.
func (p processor) free(i *instance) {
	if i.about == nil {
		<-i.link.turn
	}
	p.s.release(i)
}

// process makes the call, and frees the instance.
func (p processor) process(ctx context.Context, i *instance, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	p.s.worked(i)
	args := argsOf(req)
	if deadline, ok := ctx.Deadline(); ok {
		args.Within = time.Until(deadline)
	}
	answer := new(pluginwire.Execution)
	ended := i.link.begin(pluginwire.Process, args, answer)
	select {
	case err := <-ended:
		p.free(i)
		return p.result(i, req, answer, err)
	case <-ctx.Done():
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) { // this server leads no longer: nobody waits for the answer
		go p.forget(i, ended)
		return nil, context.Cause(ctx)
	}
	if i.about != nil {
		select {
		case err := <-ended:
			p.free(i)
			return p.result(i, req, answer, err)
		case <-time.After(lateLimit):
		}
	}
	p.s.retire(i, "it did not end with a result of job "+req.JobName+" in time")
	p.free(i)
	return nil, fmt.Errorf("plugin %s did not answer, and gets a fresh process", p.s.file.name)
}

// forget waits for a call whose answer nobody wants.
func (p processor) forget(i *instance, ended <-chan error) {
	select {
	case <-ended: //nolint:errcheck // nobody wants it
	case <-time.After(processLimit):
		p.s.retire(i, "it did not end with a result")
	}
	p.free(i)
}

// result returns what the plugin has answered. A process that can't be called any more is replaced.
func (p processor) result(i *instance, req *plugin.ProcessRequest, answer *pluginwire.Execution, err error) (*plugin.ProcessResponse, error) {
	if err != nil {
		why := p.s.why(i)
		switch {
		case why != nil:
		case broken(err):
			if why = i.explain(err); !i.process.ended() {
				p.s.retire(i, "its connection broke: "+err.Error())
			}
		default:
			why = err
		}
		return nil, fmt.Errorf("plugin %s: %w", p.s.file.name, why)
	}
	if answer.Failure != "" {
		return nil, &failure{answer.Failure, answer.Undeliverable}
	}
	replaces := answer.Replaces
	if i.about == nil {
		replaces = !bytes.Equal(answer.Output, req.Output)
	}
	if !replaces {
		return new(plugin.ProcessResponse), nil
	}
	if answer.Output == nil {
		answer.Output = []byte{}
	}
	return &plugin.ProcessResponse{Output: answer.Output}, nil
}

// failure is the error of a processor in another process.
type failure struct {
	text  string
	final bool
}

func (f *failure) Error() string { return f.text }

// Is reports whether the processor has wrapped that error.
func (f *failure) Is(target error) bool { return f.final && target == plugin.ErrUndeliverable }

// argsOf converts a request. Its configuration has reporting_node, as v4 expects it.
func argsOf(r *plugin.ProcessRequest) *pluginwire.ProcessArgs {
	config := maps.Clone(r.Config)
	if config == nil {
		config = make(map[string]string)
	}
	config[plugin.ReportingNode] = r.ReportingNode
	return &pluginwire.ProcessArgs{Config: config, Execution: &pluginwire.Execution{
		JobName: r.JobName, Success: r.Success, Output: r.Output, NodeName: r.NodeName, Group: r.Group, Attempt: uint32(max(0, r.Attempt)), // it fits
		StartedAt: pluginwire.NewTimestamp(r.StartedAt), FinishedAt: pluginwire.NewTimestamp(r.FinishedAt),
		ExecutionID: r.ExecutionID, LaunchID: r.LaunchID, Outcome: r.Outcome, Error: r.Error, ScheduledAt: pluginwire.NewTimestamp(r.ScheduledAt),
	}}
}
