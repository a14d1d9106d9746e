package rpc

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestLinesOfTheLibraryAreInOurLog(t *testing.T) {
	var out bytes.Buffer
	l := library{slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, line := range []string{"2026/11/30 01:00:00 ERROR: [core] broken\n", "2026/11/30 01:00:00 WARNING: [core] odd\n", "2026/11/30 01:00:00 INFO: [core] noise\n"} {
		if n, err := l.Write([]byte(line)); n != len(line) || err != nil {
			t.Error(n, err)
		}
	}
	got := out.String()
	if !strings.Contains(got, `level=WARN msg="[core] broken" part=grpc`) || !strings.Contains(got, `level=DEBUG msg="[core] odd" part=grpc`) ||
		strings.Contains(got, "noise") {
		t.Error(got)
	}
}
