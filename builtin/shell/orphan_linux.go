package shell

import (
	"context"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// orphanPause is the shortest time between two scans for orphans, each of which lists all processes.
const orphanPause = time.Second

// ReapOrphans reaps the orphans of commands until ctx ends, for an agent that is process 1 of a container: the kernel
// makes it the parent of every orphan, and an unreaped one stays in the process table for ever. It does not reap
// processes that the executor waits for. Everything else in this process that starts processes must do so through the
// executor. It is idle while no child ends.
func (e *Executor) ReapOrphans(ctx context.Context) {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, unix.SIGCHLD)
	defer signal.Stop(ended)
	for {
		e.reapOrphans()
		select {
		case <-ended:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(orphanPause):
		case <-ctx.Done():
			return
		}
		// A signal that came in the meantime stays in the channel and causes one more scan, which may find nothing.
	}
}

func (e *Executor) reapOrphans() {
	e.own.starting.Lock()
	defer e.own.starting.Unlock()
	for _, pid := range listPIDs() {
		p, ok := readProcess(pid)
		if ok && p.zombie && p.ppid == e.table.self && !e.own.has(pid) {
			// The number can't belong to another process yet: a zombie keeps it until it is reaped, and only this
			// process reaps.
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
		}
	}
}
