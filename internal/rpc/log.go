package rpc

import (
	"bytes"
	"context"
	"io"
	"log/slog"

	"google.golang.org/grpc/grpclog"
)

// LogTo has the library for gRPC write to log, of all nodes in this process. It must be called before any of them exists.
func LogTo(log *slog.Logger) {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(library{log}, io.Discard, io.Discard)) // the first gets what the others get
}

// library writes the lines of the library.
type library struct{ log *slog.Logger }

// Write writes a line, such as "2026/11/30 01:00:00 ERROR: [transport] …", at a level of our own: what the library takes
// for an error is often only a connection that has ended, which its user reports.
func (l library) Write(line []byte) (int, error) {
	level, text := slog.LevelDebug, bytes.TrimSpace(line)
	for mark, of := range map[string]slog.Level{" INFO: ": slog.LevelDebug - 4, " WARNING: ": slog.LevelDebug, " ERROR: ": slog.LevelWarn, " FATAL: ": slog.LevelError} {
		if _, rest, ok := bytes.Cut(text, []byte(mark)); ok {
			level, text = of, rest
			break
		}
	}
	l.log.Log(context.Background(), level, string(text), "part", "grpc")
	return len(line), nil
}
