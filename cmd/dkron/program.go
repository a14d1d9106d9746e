package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	core "dkron"
)

// leftover is how long a command's output is waited for after it has exited, while what it started holds it open.
const leftover = 10 * time.Second

// program is a command that is run for somebody else: its input, its output and signals are passed on.
type program struct {
	cmd *exec.Cmd

	mu     sync.Mutex // guards output: the command's two outputs arrive at once
	output core.Collected
}

func newProgram(c *cobra.Command, args []string) *program {
	p := &program{cmd: exec.Command(args[0], args[1:]...)}
	p.cmd.Stdin, p.cmd.WaitDelay = c.InOrStdin(), leftover
	p.cmd.Stdout = io.MultiWriter(p, c.OutOrStdout())
	p.cmd.Stderr = io.MultiWriter(p, c.ErrOrStderr())
	return p
}

// Write collects output.
func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.Write(b)
}

// run runs the command to its end, and passes signals on to it. problem is what an exit code alone doesn't say, in one line.
func (p *program) run(signals <-chan os.Signal) (code int, problem string) {
	if err := p.cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return p.unstarted(127, err)
		}
		return p.unstarted(126, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = p.cmd.Process.Signal(s)
		case err := <-ended:
			return p.verdict(err)
		}
	}
}

// unstarted reports why the command could not be started, as a shell does.
func (p *program) unstarted(code int, err error) (int, string) {
	_, _ = io.WriteString(p.cmd.Stderr, err.Error()+"\n")
	return code, err.Error()
}

func (p *program) verdict(err error) (code int, problem string) {
	state := p.cmd.ProcessState
	if state == nil {
		return p.unstarted(126, err)
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), state.String()
	}
	return state.ExitCode(), ""
}
