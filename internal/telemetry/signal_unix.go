//go:build unix

package telemetry

import (
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// DumpOnSignal writes all metrics to w at each SIGUSR1, until the caller calls stop.
func (m *Metrics) DumpOnSignal(w io.Writer, log *slog.Logger) (stop func()) {
	asked, quit := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(asked, syscall.SIGUSR1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-asked:
				if err := m.Dump(w); err != nil {
					log.Warn("metrics could not be written", "error", err)
				}
			case <-quit:
				return
			}
		}
	}()
	return func() {
		signal.Stop(asked)
		close(quit)
		<-ended
	}
}
