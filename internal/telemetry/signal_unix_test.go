//go:build unix

package telemetry

import (
	"bufio"
	"io"
	"log/slog"
	"strings"
	"syscall"
	"testing"
)

func TestASignalWritesAllMetricsEachTime(t *testing.T) {
	r, w := io.Pipe()
	stop := NewMetrics("1.2.3").DumpOnSignal(w, slog.New(slog.DiscardHandler))
	lines := bufio.NewScanner(r)
	for i := range 2 {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		found := false
		for !found && lines.Scan() {
			found = strings.HasPrefix(lines.Text(), `dkron_build_info{`)
		}
		if !found {
			t.Fatalf("signal %d: %v", i, lines.Err())
		}
	}
	r.Close() // what is left of the second is not wanted
	stop()
}
