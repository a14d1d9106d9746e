package cluster

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

type startRequest struct {
	cmd  *exec.Cmd
	done chan error
}

var starter = sync.OnceValue(func() chan startRequest {
	requests := make(chan startRequest)
	go func() {
		// The kernel sends the parent-death signal when the thread that forked ends, so that thread must never end
		// before the process does.
		runtime.LockOSThread()
		for r := range requests {
			r.done <- r.cmd.Start()
		}
	}()
	return requests
})

// start starts cmd so that it dies with this process, however that ends: a panic in a goroutine or the test binary's
// own timeout runs no clean-up.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	r := startRequest{cmd, make(chan error, 1)}
	starter() <- r
	return <-r.done
}
