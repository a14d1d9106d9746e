//go:build unix

package app

import (
	"os"
	"os/signal"
	"syscall"
)

// dumpOnSignal writes all metrics to standard error at each SIGUSR1.
func (n *Node) dumpOnSignal() {
	asked, quit := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(asked, syscall.SIGUSR1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-asked:
				if err := n.metrics.Dump(os.Stderr); err != nil {
					n.log.Warn("metrics could not be written", "error", err)
				}
			case <-quit:
				return
			}
		}
	}()
	n.stops.add("metrics dump", func() {
		signal.Stop(asked)
		close(quit)
		<-ended
	})
}
