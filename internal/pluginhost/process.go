package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// process is a plugin's process, as the library runs it. It has a process group of its own, all of which ends with it, and
// the kernel kills it when the agent dies.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr *os.File // our ends

	quit  <-chan struct{} // kills a process that can't be called yet
	ready chan struct{}   // closed when it can
	done  chan struct{}   // closed when the process has ended and its group has been killed
	err   error           // how it ended; read after done
}

func newProcess(cmd *exec.Cmd, quit <-chan struct{}) *process {
	return &process{cmd: cmd, quit: quit, ready: make(chan struct{}), done: make(chan struct{})}
}

// Start starts it. The kernel sends the parent's death signal when the thread that started a process ends, so that thread
// waits for the process, and ends after it.
func (p *process) Start(context.Context) error {
	out, outEnd, err := os.Pipe()
	if err != nil {
		return err
	}
	errs, errsEnd, err := os.Pipe()
	if err != nil {
		return errors.Join(err, out.Close(), outEnd.Close())
	}
	p.stdout, p.stderr = out, errs
	p.cmd.Stdout, p.cmd.Stderr = outEnd, errsEnd
	isolate(p.cmd)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		_, _ = outEnd.Close(), errsEnd.Close()
		started <- err
		if err != nil {
			return
		}
		state, err := p.cmd.Process.Wait()
		killGroup(p.cmd.Process.Pid) // what it has started would hold our ends open
		if err != nil {
			p.err = err
		} else {
			p.err = errors.New(state.String())
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return errors.Join(err, out.Close(), errs.Close())
	}
	go func() {
		select {
		case <-p.quit:
			killGroup(p.cmd.Process.Pid)
		case <-p.ready:
		case <-p.done:
		}
	}()
	return nil
}

// Wait waits for its end.
func (p *process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Kill ends it and all that it has started.
func (p *process) Kill(context.Context) error {
	if !p.ended() {
		killGroup(p.cmd.Process.Pid)
	}
	return nil
}

// Diagnose has nothing to add: the host has its own text for a plugin that does not start.
func (p *process) Diagnose(context.Context) string { return "" }

// Stdout is where the handshake comes from.
func (p *process) Stdout() io.ReadCloser { return p.stdout }

// Stderr is the plugin's log.
func (p *process) Stderr() io.ReadCloser { return p.stderr }

// Name is for logs.
func (p *process) Name() string { return p.cmd.Path }

// ID is the process id.
func (p *process) ID() string {
	if p.cmd.Process == nil {
		return ""
	}
	return strconv.Itoa(p.cmd.Process.Pid)
}

// PluginToHost translates nothing: both are on one machine.
func (p *process) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin translates nothing.
func (p *process) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// gone says how the process ended, for people. It is called after done.
func (p *process) gone() string { return fmt.Sprintf("%v", p.err) }
