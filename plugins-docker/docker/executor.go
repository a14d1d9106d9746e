// Package docker is the executor "docker": it runs a command in a container, on an engine with Docker's API.
//
// A container belongs to one execution: its name is made from the execution's id, so that a container is never created
// twice, and its labels say whose it is. It continues when the agent or the plugin dies, and is followed again by its id.
package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Executor runs containers. It is safe for concurrent use.
type Executor struct {
	stallLimit time.Duration
	sweeper    sweeper

	mu     sync.Mutex // guards active
	active map[string]int
}

var (
	_ plugin.Executor  = (*Executor)(nil)
	_ plugin.Adopter   = (*Executor)(nil)
	_ plugin.Describer = (*Executor)(nil)
	_ plugin.Checker   = (*Executor)(nil)
)

// New returns an executor that follows no container yet.
func New() *Executor {
	return &Executor{stallLimit: stallLimit, active: make(map[string]int), sweeper: newSweeper()}
}

// Check returns what is wrong with a configuration. It depends only on config.
func (*Executor) Check(config map[string]string) []plugin.Problem { return parse(config).Problems() }

// run is one execution.
type run struct {
	*config
	executor *Executor
	req      *plugin.ExecuteRequest
	out      plugin.Status
	api      *client.Client

	id   string // of the container
	said int64  // bytes of output that are ours, not the command's, before the container starts
	skip int64  // bytes of the command's output that the agent has already
	fed  bool   // the container has all of its standard input

	passed atomic.Int64 // bytes of output that the engine has sent

	lostAt time.Time // when the engine could not be asked for the first time; zero: it can be
	away   time.Duration
}

// handle is what Adopt needs to find the container again.
type handle struct {
	Container string    // id
	Deadline  time.Time `json:",omitzero"`
	Said      int64     `json:",omitempty"` // see run
	Fed       bool      `json:",omitempty"` // see run
}

// Execute runs the configured container to its end.
func (e *Executor) Execute(ctx context.Context, req *plugin.ExecuteRequest, out plugin.Status) (*plugin.ExecuteResponse, error) {
	r := &run{config: parse(req.Config), executor: e, req: req, out: out}
	if failure := r.Failure(); failure != nil {
		r.Warned(out)
		return failure, nil
	}
	limited, cancel := keys.Limit(ctx, r.timeout)
	defer cancel()
	var err error
	if r.api, err = r.dial(); err != nil {
		return &plugin.ExecuteResponse{Error: text(err)}, nil
	}
	defer r.api.Close()
	if err := reach(limited, r.api); err != nil {
		if short := shortage(err); short != nil {
			return nil, short
		}
		return r.refused(limited, "connecting to the engine", err, r.api.DaemonHost()), nil
	}
	r.Report(schema(), counted{r})
	e.sweeper.look(e, r)
	if err := r.provide(limited); err != nil {
		response := r.refused(limited, "pulling the image", err, r.api.DaemonHost())
		if advice := r.pullAdvice(err); advice != "" && !response.TimedOut {
			response.Reason = advice
		}
		return response, nil
	}
	return r.begin(limited)
}

// begin creates and starts the container, and follows it.
func (r *run) begin(ctx context.Context) (*plugin.ExecuteResponse, error) {
	found, err := r.create(ctx)
	if err != nil {
		r.discard(ctx)
		return r.refused(ctx, "creating the container", err, r.api.DaemonHost()), nil
	}
	defer r.executor.hold(r.id)()
	if err := r.out.Started(r.handle(ctx)); err != nil {
		r.discard(ctx)
		return nil, err
	}
	return r.start(ctx, found)
}

// Adopt follows a container that an earlier process started.
func (e *Executor) Adopt(ctx context.Context, req *plugin.ExecuteRequest, text []byte, out plugin.Status) (*plugin.ExecuteResponse, error) {
	r := &run{config: parse(req.Config), executor: e, req: req, out: out}
	var h handle
	if err := json.Unmarshal(text, &h); err != nil || h.Container == "" {
		return nil, fmt.Errorf("%w: the container can't be found: handle: %w", plugin.ErrUnknownOutcome, err)
	}
	r.id, r.said, r.fed, r.skip = h.Container, h.Said, h.Fed, max(0, req.Reported-h.Said)
	defer e.hold(r.id)()
	var err error
	if r.api, err = r.dial(); err != nil {
		return nil, fmt.Errorf("%w: %w", plugin.ErrUnknownOutcome, err)
	}
	defer r.api.Close()
	found, err := r.find(ctx)
	if err != nil && ctx.Err() != nil {
		// Asked to stop before the container was found: it has to be found to be stopped.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), killLimit)
		defer cancel()
		found, err = r.find(bounded)
	}
	switch {
	case errdefs.IsNotFound(err):
		return nil, fmt.Errorf("%w: the container %s is gone", plugin.ErrUnknownOutcome, short(r.id))
	case err != nil:
		return nil, fmt.Errorf("%w: %w", plugin.ErrUnknownOutcome, err)
	}
	if !h.Deadline.IsZero() {
		// For a container that has ended, assume that it ended in time.
		left := r.timeout
		if running(found) {
			left = max(time.Until(h.Deadline), 1)
		}
		limited, cancel := context.WithTimeoutCause(ctx, left, keys.ErrTimedOut)
		defer cancel()
		ctx = limited
	}
	return r.start(ctx, found)
}

// start starts the container if it never ran, and follows it.
func (r *run) start(ctx context.Context, found container.InspectResponse) (*plugin.ExecuteResponse, error) {
	fresh := neverRan(found)
	if !fresh && len(r.payload) > 0 && !r.fed && running(found) {
		// The command can't be told from one that has read all of its input.
		r.end(ctx)
		r.discard(ctx)
		return &plugin.ExecuteResponse{Error: "the agent died while the command got its standard input; the container was killed"}, nil
	}
	if !fresh {
		return r.follow(ctx)
	}
	feed := func() {}
	if len(r.payload) > 0 {
		conn, err := r.api.ContainerAttach(ctx, r.id, client.ContainerAttachOptions{Stream: true, Stdin: true})
		if err != nil {
			r.discard(ctx)
			return r.refused(ctx, "connecting the standard input", err, r.api.DaemonHost()), nil
		}
		defer conn.Close()
		feed = func() { go r.feed(conn, r.handleTo(ctx)) }
	}
	bounded, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if _, err := r.api.ContainerStart(bounded, r.id, client.ContainerStartOptions{}); err != nil {
		return r.notStarted(ctx, bounded, err)
	}
	feed()
	return r.follow(ctx)
}

// startLimit is how long an engine may take to start a container.
const startLimit = 2 * time.Minute

// notStarted is the result of a start that failed, or of one whose answer was lost.
func (r *run) notStarted(ctx, bounded context.Context, err error) (*plugin.ExecuteResponse, error) {
	if ctx.Err() == nil && (bounded.Err() != nil || client.IsErrConnectionFailed(err)) {
		if found, lost := r.find(ctx); lost == nil && !neverRan(found) {
			return r.follow(ctx)
		}
	}
	if ctx.Err() != nil {
		if errors.Is(context.Cause(ctx), plugin.ErrAgentGone) {
			return nil, context.Cause(ctx)
		}
		r.end(ctx)
	}
	r.discard(ctx)
	response := r.refused(ctx, "starting the container", err, r.api.DaemonHost())
	if code := exitOfStart(err); code != 0 {
		response.ExitCode = &code
	}
	return response, nil
}

// hold marks a container as followed, until the returned function is called.
func (e *Executor) hold(id string) (release func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.active[id]++
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.active[id]--; e.active[id] == 0 {
			delete(e.active, id)
		}
	}
}

// holds reports whether a container is followed.
func (e *Executor) holds(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.active[id] > 0
}

// say writes a line of our own.
func (r *run) say(format string, args ...any) {
	counted{r}.Write(fmt.Appendf(nil, format, args...), false)
}

// counted counts what we write ourselves.
type counted struct{ run *run }

func (c counted) Write(chunk []byte, isError bool) {
	c.run.said += int64(len(chunk))
	c.run.out.Write(chunk, isError)
}

func (c counted) Started(handle []byte) error { return c.run.out.Started(handle) }

// handle returns what a later process needs. ctx may have the execution's deadline.
func (r *run) handle(ctx context.Context) []byte { return r.handleTo(ctx)(r.fed) }

// handleTo returns a function that makes the handle, for another goroutine.
func (r *run) handleTo(ctx context.Context) func(fed bool) []byte {
	h := handle{Container: r.id, Said: r.said}
	if deadline, ok := ctx.Deadline(); ok && r.timeout > 0 {
		h.Deadline = deadline.UTC()
	}
	return func(fed bool) []byte {
		h := h
		h.Fed = fed
		encoded, err := json.Marshal(h)
		if err != nil {
			return nil
		}
		return encoded
	}
}

// feed writes the standard input, and has the agent note when all of it is there.
func (r *run) feed(conn client.ContainerAttachResult, handle func(fed bool) []byte) {
	if _, err := conn.Conn.Write(r.payload); err != nil {
		return // the command ends without reading it
	}
	if conn.CloseWrite() == nil {
		_ = r.out.Started(handle(true))
	}
}
