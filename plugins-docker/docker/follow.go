package docker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// drainLimit is how long the engine may send nothing after the container's end, before what it may still have is left.
const drainLimit = 10 * time.Second

// noticed is from when on an absence of the engine is worth a word.
const noticed = 100 * time.Millisecond

// errGone is why a container's outcome is unknown.
var errGone = errors.New("the container was removed by somebody else")

// ending is how a container ended. err is why that isn't known.
type ending struct {
	state *container.State
	err   error
}

// follow passes the container's output on until its end, ends it when ctx ends, and removes it.
func (r *run) follow(ctx context.Context) (*plugin.ExecuteResponse, error) {
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ended := make(chan struct{})
	var end ending
	go func() {
		end = r.await(watching)
		close(ended)
	}()
	read := make(chan struct{})
	go func() {
		defer close(read)
		r.read(watching, ended)
	}()
	stopped := false
	select {
	case <-ended:
	case <-ctx.Done():
		if errors.Is(context.Cause(ctx), plugin.ErrAgentGone) {
			cancel()
			<-ended
			<-read
			return nil, plugin.ErrAgentGone
		}
		if stopped = r.stop(ctx, ended); !stopped {
			return r.unstopped(ctx), nil
		}
	}
	r.drain(ctx, read, cancel)
	r.clear(ctx)
	return r.result(ctx, end, stopped)
}

// drain waits until the output has been read. Much of it may take long, so only an engine that sends nothing is given up.
func (r *run) drain(ctx context.Context, read <-chan struct{}, cancel func()) {
	for {
		before := r.passed.Load()
		select {
		case <-read:
			return
		case <-time.After(r.patience(ctx, drainLimit)):
			if r.passed.Load() == before || ctx.Err() != nil {
				cancel()
				<-read
				return
			}
		}
	}
}

// await waits for the end of the container. While the engine can't be asked, it waits for the engine.
func (r *run) await(ctx context.Context) ending {
	for {
		wait := r.api.ContainerWait(ctx, r.id, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
		var err error
		select {
		case <-wait.Result:
		case err = <-wait.Error:
		case <-ctx.Done():
			return ending{err: ctx.Err()}
		}
		if errdefs.IsNotFound(err) {
			return ending{err: errGone}
		}
		if err != nil && r.lostAt.IsZero() {
			r.lostAt = time.Now()
		}
		found, err := r.find(ctx)
		switch {
		case errdefs.IsNotFound(err):
			return ending{err: errGone}
		case err != nil:
			return ending{err: err}
		case found.State == nil:
			return ending{err: errors.New("the engine does not say how the container is")}
		case !running(found):
			return ending{state: found.State}
		}
		if !sleep(ctx, 100*time.Millisecond) {
			return ending{err: ctx.Err()}
		}
	}
}

// unstopped is the response if the engine did not end the container.
func (r *run) unstopped(ctx context.Context) *plugin.ExecuteResponse {
	response := keys.Failed(ctx, r.timeout, "running the container", nil)
	response.Error += ", and the engine did not end it"
	response.Reason = fmt.Sprintf("the engine does not answer; look at its log, and end the container %s when it is back", r.name())
	response.LeftRunning = []string{"container " + r.name()}
	return response
}

// result says how the execution ended.
func (r *run) result(ctx context.Context, end ending, stopped bool) (*plugin.ExecuteResponse, error) {
	response := new(plugin.ExecuteResponse)
	if stopped {
		response = keys.Failed(ctx, r.timeout, "running the container", nil)
	}
	if end.err != nil {
		if stopped {
			return response, nil
		}
		return nil, fmt.Errorf("%w: %w", plugin.ErrUnknownOutcome, end.err)
	}
	code := end.state.ExitCode
	response.ExitCode = &code
	if r.memory > 0 {
		response.Usage = &plugin.Usage{MemoryLimit: r.memory}
	}
	if stopped || code == 0 && !end.state.OOMKilled {
		return response, nil
	}
	response.Error = fmt.Sprintf("exit status %d", code)
	switch {
	case end.state.OOMKilled && r.memory > 0:
		response.Reason = "killed: over its memory limit of " + keys.SizeInWords(r.memory)
		response.Error = response.Reason
	case end.state.OOMKilled:
		response.Reason = "killed: the engine's machine has no memory left"
		response.Error = response.Reason
	case end.state.Error != "":
		response.Error = text(errors.New(end.state.Error))
		response.Reason = r.advice(errors.New(end.state.Error), r.api.DaemonHost())
	case r.away >= noticed:
		response.Reason = fmt.Sprintf("exit status %d; the engine was away for %s, and ends containers when it is restarted (see live-restore in its documentation)", code, plugin.InWords(r.away.Round(100*time.Millisecond)))
	case code > 128 && signals[code-128] != "":
		response.Reason = fmt.Sprintf("exit status %d: killed by %s", code, signals[code-128])
	}
	return response, nil
}

// signals are those whose numbers are the same on all systems on which containers run.
var signals = map[int]string{1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM"}
