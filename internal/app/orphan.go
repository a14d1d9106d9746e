package app

import (
	"context"
	"os"

	"dkron/builtin/shell"
)

// firstProcess is the number of the process that the kernel makes the parent of orphans.
const firstProcess = 1

// reapOrphans takes on the duty of process number 1, if this is it: a container has no other.
func (n *Node) reapOrphans(executor *shell.Executor) {
	if os.Getpid() != firstProcess {
		return
	}
	n.log.Info("running as process 1: reaping what commands leave behind")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		executor.ReapOrphans(ctx)
	}()
	n.stops.add("orphans", func() {
		cancel()
		<-ended
	})
}
