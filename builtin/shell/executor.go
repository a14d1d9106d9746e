// Package shell is the executor that runs a command on the node.
//
// A command is never left half-controlled: all of its configuration is checked before it starts, it has its own process
// group, and whatever ends it early (timeout, stop, memory limit) ends everything that it started. What it leaves
// running when it exits by itself continues and is named in the response. It survives a crash of the agent; the
// restarted agent follows it to its end through Adopt.
package shell

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"dkron/plugin"
)

// Options are the node's settings for every command. The zero value is ready for use.
type Options struct {
	// Logger gets what fits neither the response nor the output; nil discards it.
	Logger *slog.Logger
	// PassEnv names variables of the agent that commands may see although they begin with DKRON_ or PLUGIN_.
	PassEnv []string
	Policy  Policy
}

// Executor runs commands. It is safe for concurrent use.
type Executor struct {
	log     *slog.Logger
	base    *baseEnv
	policy  Policy
	table   *table
	leaks   *leaks
	samples *samples
	own     *own
	null    func() (*os.File, error)
}

var (
	_ plugin.Executor  = (*Executor)(nil)
	_ plugin.Adopter   = (*Executor)(nil)
	_ plugin.Describer = (*Executor)(nil)
	_ plugin.Checker   = (*Executor)(nil)
)

// New returns an executor that passes the present environment of this process to its commands.
func New(opt Options) *Executor {
	log := opt.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	table := newTable()
	return &Executor{
		log:     log,
		base:    newBaseEnv(os.Environ(), opt.PassEnv),
		policy:  opt.Policy,
		table:   table,
		leaks:   newLeaks(log),
		samples: newSamples(table),
		own:     newOwn(),
		// One open null device serves every command: it has no position that they could disturb.
		null: onceOpen(os.DevNull),
	}
}

// onceOpen returns a function that opens a file when it is first called, and tries again only after a failure.
func onceOpen(name string) func() (*os.File, error) {
	var mu sync.Mutex
	var file *os.File
	return func() (*os.File, error) {
		mu.Lock()
		defer mu.Unlock()
		if file != nil {
			return file, nil
		}
		f, err := os.Open(name)
		if err == nil {
			file = f
		}
		return f, err
	}
}

// shortage marks errors caused by a temporary lack of resources on the node.
func shortage(err error) error {
	for _, lack := range []error{syscall.EMFILE, syscall.ENFILE, syscall.EAGAIN, syscall.ENOMEM} {
		if errors.Is(err, lack) {
			return fmt.Errorf("%w: %w", plugin.ErrShortage, err)
		}
	}
	return err
}

// Execute runs the request's command to its end. An error means that the configuration is invalid or the command could
// not be started; then nothing runs.
func (e *Executor) Execute(ctx context.Context, req *plugin.ExecuteRequest, status plugin.Status) (
	*plugin.ExecuteResponse, error) {
	p, err := e.plan(req)
	if err != nil {
		return nil, shortage(err) // looking up a user opens files
	}
	if ctx.Err() != nil {
		return &plugin.ExecuteResponse{Error: stopVerdict(ctx).err}, nil
	}
	r, err := e.start(p, status)
	if err != nil {
		return nil, shortage(err)
	}
	stopFeeding := r.stdin.feed()
	defer stopFeeding()

	r.watch(ctx, p.timeout)
	defer r.unwatch()
	if err := status.Started(r.handle()); err != nil {
		// The command already runs and may have done its work: that is worth more than the chance to adopt it.
		e.log.Warn("command can't be adopted after a crash: its handle was not recorded",
			"job", req.JobName, "execution", req.ExecutionID, "error", err)
	}
	return r.follow()
}

// start starts the process of a plan. On success the caller owns the run and must follow it.
func (e *Executor) start(p *plan, status plugin.Status) (*run, error) {
	stdin, err := e.openStdin(p.payload)
	if err != nil {
		return nil, fmt.Errorf("stdin: %w", err)
	}
	defer stdin.closeChildEnd()
	out, err := newOutput(p)
	if err != nil {
		stdin.abandon()
		return nil, fmt.Errorf("output pipe: %w", err)
	}
	defer out.child.Close()

	proc, err := e.own.start(p.path, p.argv, &os.ProcAttr{
		Dir:   p.cwd,
		Env:   p.env,
		Files: []*os.File{stdin.child, out.child, out.child},
		Sys:   p.sys,
	})
	if err != nil {
		stdin.abandon()
		out.read.Close()
		return nil, startError(p, err)
	}
	return &run{
		plan:    p,
		status:  status,
		stdin:   stdin,
		out:     out.read,
		leader:  newChild(proc, e.own),
		tree:    newChildTree(e.table, proc, p.tag, out.inode),
		sample:  e.samples.add(proc.Pid),
		leaks:   e.leaks,
		started: time.Now(),
		killed:  make(chan struct{}),
	}, nil
}

// startError names the real cause: the kernel blames the binary when the interpreter or the directory is missing.
func startError(p *plan, err error) error {
	if p.cwd != "" && errors.Is(err, os.ErrNotExist) {
		if dirErr := checkDir(p.cwd); dirErr != nil {
			return dirErr
		}
	}
	return err
}
