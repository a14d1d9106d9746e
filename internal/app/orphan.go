package app

import (
	"context"
	"os"
	"sync"

	"dkron/plugin"
)

// firstProcess is the number of the process that the kernel makes the parent of orphans.
const firstProcess = 1

// reaper is implemented by an executor whose work leaves orphans.
type reaper interface{ ReapOrphans(ctx context.Context) }

// reapOrphans takes on the duty of process number 1, if this is it: a container has no other.
func (n *Node) reapOrphans(executors map[string]plugin.Executor) {
	if os.Getpid() != firstProcess {
		return
	}
	n.log.Info("running as process 1: reaping what commands leave behind")
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
