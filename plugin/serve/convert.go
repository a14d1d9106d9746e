package serve

import (
	"errors"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

func request(r *pluginwire.ExecuteRequest) *plugin.ExecuteRequest {
	return &plugin.ExecuteRequest{
		JobName: r.JobName, Config: r.Config, LaunchID: r.LaunchID, ExecutionID: r.ExecutionID, Group: r.Group,
		Attempt: int(r.Attempt), NodeName: r.NodeName, ScheduledAt: r.ScheduledAt, Cluster: r.Cluster, TraceParent: r.TraceParent,
	}
}

func response(r *plugin.ExecuteResponse, err error) *pluginwire.ExecuteResponse {
	out := new(pluginwire.ExecuteResponse)
	if r != nil {
		out.Output, out.Replaces, out.Error = r.Output, r.Output != nil, r.Error
		out.TimedOut, out.LeftRunning, out.Reason = r.TimedOut, r.LeftRunning, r.Reason
		if r.ExitCode != nil {
			out.ExitCode = &pluginwire.ExitCode{Code: int64(*r.ExitCode)}
		}
		if u := r.Usage; u != nil {
			out.Usage = &pluginwire.Usage{CPU: u.CPU, MaxRSS: u.MaxRSS, MemoryLimit: u.MemoryLimit}
		}
	}
	if err != nil {
		out.Unknown, out.Short = errors.Is(err, plugin.ErrUnknownOutcome), errors.Is(err, plugin.ErrShortage)
		if out.Error == "" || !out.Unknown {
			out.Error = err.Error()
		}
	}
	return out
}
