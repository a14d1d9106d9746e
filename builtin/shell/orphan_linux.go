package shell

import (
	"context"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// orphanPause is the shortest time between two looks for orphans, each of which lists all processes.
const orphanPause = time.Second

// ReapOrphans reaps the orphans of commands until ctx ends, for an agent that is process number 1 of a container:
// the kernel makes it the parent of every orphan, and one that nobody waits for stays in the process table for good. It
// takes no process that the executor waits for itself. Whatever else in this process starts processes must do so
// through the executor. It does nothing while no child ends.
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
		// A signal that came meanwhile stays in the channel and asks for one look more, which may find nothing.
	}
}

func (e *Executor) reapOrphans() {
	e.own.starting.Lock()
	defer e.own.starting.Unlock()
	for _, pid := range listPIDs() {
		p, ok := readProcess(pid)
		if ok && p.zombie && p.ppid == e.table.self && !e.own.has(pid) {
			// It can't be another process by now: a zombie keeps its number until it is reaped, and only we reap.
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
		}
	}
}
