package serve

import (
	"context"
	"errors"
	"fmt"
	"net/rpc"
	"runtime/debug"
	"time"

	goplugin "github.com/hashicorp/go-plugin"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

const (
	// processLimit is how long a call may take if the agent, one of v4, does not say.
	processLimit = 30 * time.Second
	// lastWords is the time in which the answer to the agent's request to end goes out.
	lastWords = 100 * time.Millisecond
)

// Processor serves a processor until the agent ends the process. It is called in main, and does not return before. If the
// program was not started by an agent, it says so on standard error and exits with 1.
//
// The processor may implement plugin.Describer, plugin.Checker and plugin.Closer as well. What it writes to standard output and standard
// error goes to those of the agent.
func Processor(p plugin.Processor, o Options) {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: handshake(),
		Plugins:         goplugin.PluginSet{pluginwire.ProcessorKey: &processor{does: p, options: o}},
	})
	time.Sleep(lastWords) // the library returns before its answer has been sent
	end(p)
}

// processor makes a processor known to the library.
type processor struct {
	does    plugin.Processor
	options Options
}

// Server returns what serves the methods.
func (p *processor) Server(*goplugin.MuxBroker) (any, error) { return &processorService{p}, nil }

// Client is for hosts.
func (p *processor) Client(*goplugin.MuxBroker, *rpc.Client) (any, error) {
	return nil, errors.New("a plugin is not a host")
}

// processorService is the methods that an agent calls. None returns an error of the call, at which agents of v4 end.
type processorService struct{ of *processor }

// Process is the call of v4. The answer is the execution as it was given, with another output if that is replaced.
func (s *processorService) Process(in *pluginwire.ProcessArgs, out *pluginwire.Execution) error {
	given := in.Execution
	if given == nil {
		given = new(pluginwire.Execution)
	}
	limit := in.Within
	if limit <= 0 {
		limit = processLimit
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	*out = *given
	resp, err := s.of.call(ctx, processRequest(given, in.Config))
	switch {
	case err != nil:
		out.Failure, out.Undeliverable = err.Error(), errors.Is(err, plugin.ErrUndeliverable)
		if out.Failure == "" {
			out.Failure = "the processor failed without a reason"
		}
	case resp != nil && resp.Output != nil:
		out.Output, out.Replaces = resp.Output, true
	}
	return nil
}

// call runs the processor; its panic is the failure of one call, not of the plugin.
func (p *processor) call(ctx context.Context, req *plugin.ProcessRequest) (resp *plugin.ProcessResponse, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the processor panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return p.does.Process(ctx, req)
}

// processRequest returns what the processor is asked. What v4 does not say is made of what it says.
func processRequest(e *pluginwire.Execution, config map[string]string) *plugin.ProcessRequest {
	if config == nil {
		config = make(map[string]string)
	}
	req := &plugin.ProcessRequest{
		JobName: e.JobName, Config: config, ReportingNode: config[plugin.ReportingNode], LaunchID: e.LaunchID, ExecutionID: e.ExecutionID,
		Group: e.Group, Attempt: int(e.Attempt), NodeName: e.NodeName, ScheduledAt: e.ScheduledAt.Time(), StartedAt: e.StartedAt.Time(),
		FinishedAt: e.FinishedAt.Time(), Success: e.Success, Outcome: e.Outcome, Error: e.Error, Output: e.Output,
	}
	if req.ExecutionID == "" && e.StartedAt != nil { // the key that v4 stores it under
		req.ExecutionID = fmt.Sprintf("%d-%s", req.StartedAt.UnixNano(), e.NodeName)
	}
	switch {
	case req.Outcome != "":
	case e.Success:
		req.Outcome = "success"
	default:
		req.Outcome = "failed"
	}
	return req
}

// Describe is what only our agents call.
func (s *processorService) Describe(_ *pluginwire.Nothing, out *pluginwire.Description) error {
	*out = pluginwire.Description{Version: s.of.options.Version}
	if d, ok := s.of.does.(plugin.Describer); ok {
		out.Schema = d.Describe()
	}
	_, out.Checks = s.of.does.(plugin.Checker)
	return nil
}

// Check is what only our agents call.
func (s *processorService) Check(in *pluginwire.Configuration, out *pluginwire.Problems) error {
	if c, ok := s.of.does.(plugin.Checker); ok {
		*out = *problems(c, in.Config)
	}
	return nil
}
