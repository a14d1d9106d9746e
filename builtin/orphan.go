package builtin

import (
	"context"
	"log/slog"
	"os"
	"sync"
)

// firstProcess is the process to which the kernel gives orphans.
const firstProcess = 1

// reaper is implemented by an executor whose processes leave orphans.
type reaper interface{ ReapOrphans(ctx context.Context) }

// ReapOrphans takes over the duty of process 1, if this is it: a container has no other. The caller calls stop before
// Close.
func (e *Executors) ReapOrphans(log *slog.Logger) (stop func()) {
	if os.Getpid() != firstProcess {
		return func() {}
	}
	log.Info("running as process 1: reaping processes that commands leave behind")
	return e.reap()
}

func (e *Executors) reap() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var reaping sync.WaitGroup
	for _, row := range e.rows {
		if r, ok := row.executor.(reaper); ok {
			reaping.Go(func() { r.ReapOrphans(ctx) })
		}
	}
	return func() {
		cancel()
		reaping.Wait()
	}
}
