package app

import (
	"context"
	"os"
	"sync"

	"dkron/plugin"
)

// firstProcess is the process to which the kernel gives orphans.
const firstProcess = 1

// reaper is implemented by an executor whose processes leave orphans.
type reaper interface{ ReapOrphans(ctx context.Context) }

// reapOrphans takes over the duty of process 1, if this is it: a container has no other.
func (n *Node) reapOrphans(executors map[string]plugin.Executor) {
	if os.Getpid() != firstProcess {
		return
	}
	n.log.Info("running as process 1: reaping processes that commands leave behind")
	ctx, cancel := context.WithCancel(context.Background())
	var reaping sync.WaitGroup
	for _, e := range executors {
		if r, ok := e.(reaper); ok {
			reaping.Go(func() { r.ReapOrphans(ctx) })
		}
	}
	n.stops.add("orphans", func() {
		cancel()
		reaping.Wait()
	})
}
