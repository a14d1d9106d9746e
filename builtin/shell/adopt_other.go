//go:build !linux

package shell

import (
	"context"

	"dkron/plugin"
)

func (r *run) handle() []byte {
	return handle{PID: r.leader.(*child).proc.Pid, PGID: r.leader.(*child).proc.Pid}.encode()
}

// Adopt can't verify on this platform whether a process is the one that was started.
func (e *Executor) Adopt(context.Context, *plugin.ExecuteRequest, []byte, plugin.Status) (
	*plugin.ExecuteResponse, error) {
	return &plugin.ExecuteResponse{Error: unknownExit}, plugin.ErrUnknownOutcome
}
