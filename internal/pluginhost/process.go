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

// process is a plugin's process, as the library runs it. With a guard all that it has started ends with it and with the agent.
// Without one it has a process group, all of which ends with it, and on Linux the kernel kills the plugin when the agent dies.
type process struct {
	cmd            *exec.Cmd // what runs without a guard
	guard          *guarded  // nil: none
	pid            int       // of the plugin, 0 before it was started
	stdout, stderr *os.File  // our ends
	words          words     // of standard error

	guards bool            // it is started below a guard
	quit   <-chan struct{} // kills a process that can't be called yet
	ready  chan struct{}   // closed when it can
	done   chan struct{}   // closed when the process has ended and its group has been killed
	err    error           // how it ended; read after done
}

func newProcess(cmd *exec.Cmd, guards bool, quit <-chan struct{}) *process {
	return &process{cmd: cmd, guards: guards, quit: quit, ready: make(chan struct{}), done: make(chan struct{})}
}

// Start starts it.
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
	if p.guards {
		err = p.startGuarded()
	} else {
		err = p.startAlone()
	}
	if err = errors.Join(err, outEnd.Close(), errsEnd.Close()); err != nil {
		return errors.Join(err, out.Close(), errs.Close())
	}
	go func() {
		select {
		case <-p.quit:
			p.kill()
		case <-p.ready:
		case <-p.done:
		}
	}()
	return nil
}

// startGuarded starts it below a guard.
func (p *process) startGuarded() (err error) {
	if p.guard, p.pid, err = startGuard(p.cmd); err != nil {
		return err
	}
	go func() {
		p.err = p.guard.wait()
		close(p.done)
	}()
	return nil
}

// startAlone starts it as a child. The kernel sends the parent's death signal when the thread that started a process ends, so
// that thread waits for the process, and ends after it.
func (p *process) startAlone() error {
	isolate(p.cmd)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		if err == nil {
			p.pid = p.cmd.Process.Pid
		}
		started <- err
		if err != nil {
			return
		}
		state, err := p.cmd.Process.Wait()
		killGroup(p.pid) // what it has started would hold our ends open
		if err != nil {
			p.err = err
		} else {
			p.err = errors.New(state.String())
		}
		close(p.done)
	}()
	return <-started
}

// kill ends it and all that it has started.
func (p *process) kill() {
	switch {
	case p.guard != nil:
		p.guard.kill()
	case p.pid != 0: // 0 would be our own group
		killGroup(p.pid)
	}
}

// Wait waits for its end. The library logs what it returns as an error.
func (p *process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		if p.err.Error() == "exit status 0" {
			return nil
		}
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Kill ends it and all that it has started.
func (p *process) Kill(context.Context) error {
	if !p.ended() {
		p.kill()
	}
	return nil
}

// Diagnose has nothing to add: the host has its own text for a plugin that does not start.
func (p *process) Diagnose(context.Context) string { return "" }

// Stdout is where the handshake comes from.
func (p *process) Stdout() io.ReadCloser { return p.stdout }

// Stderr is the plugin's log.
func (p *process) Stderr() io.ReadCloser { return overheard{p.stderr, &p.words} }

// Name is for logs.
func (p *process) Name() string { return p.cmd.Path }

// ID is the process id.
func (p *process) ID() string {
	if p.pid == 0 {
		return ""
	}
	return strconv.Itoa(p.pid)
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
