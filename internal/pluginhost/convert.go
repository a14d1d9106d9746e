package pluginhost

import (
	"errors"
	"fmt"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

func requestOf(r *plugin.ExecuteRequest) *pluginwire.ExecuteRequest {
	return &pluginwire.ExecuteRequest{
		JobName: r.JobName, Config: r.Config, ExecutionID: r.ExecutionID, LaunchID: r.LaunchID, Group: r.Group,
		Attempt: uint64(max(r.Attempt, 0)), NodeName: r.NodeName, ScheduledAt: r.ScheduledAt, Cluster: r.Cluster, TraceParent: r.TraceParent,
	}
}

func responseOf(r *pluginwire.ExecuteResponse) (*plugin.ExecuteResponse, error) {
	if r.Short {
		return nil, fmt.Errorf("%w: %s", plugin.ErrShortage, r.Error)
	}
	out := &plugin.ExecuteResponse{Output: r.Output, Error: r.Error, TimedOut: r.TimedOut, LeftRunning: r.LeftRunning, Reason: r.Reason}
	if r.Replaces && out.Output == nil {
		out.Output = []byte{}
	}
	if r.ExitCode != nil {
		code := int(r.ExitCode.Code)
		out.ExitCode = &code
	}
	if u := r.Usage; u != nil {
		out.Usage = &plugin.Usage{CPU: u.CPU, MaxRSS: u.MaxRSS, MemoryLimit: u.MemoryLimit}
	}
	if r.Unknown {
		return out, fmt.Errorf("%w: %w", plugin.ErrUnknownOutcome, errors.New(r.Error))
	}
	return out, nil
}
