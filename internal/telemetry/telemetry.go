// Package telemetry is the logs and metrics of this process.
package telemetry

import (
	"io"
	"log/slog"
)

// levelTrace is below slog's own levels.
const levelTrace = slog.LevelDebug - 4

// NewLogger returns a logger that writes to w. format is text or json; level is trace, debug, info, warn, error, fatal
// or panic, and info if it is anything else.
func NewLogger(w io.Writer, format, level string) *slog.Logger {
	levels := map[string]slog.Level{
		"trace": levelTrace, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn,
		"error": slog.LevelError, "fatal": slog.LevelError, "panic": slog.LevelError,
	}
	opt := &slog.HandlerOptions{Level: levels[level]}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}
