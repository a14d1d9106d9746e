package gossip

import (
	"bytes"
	"context"
	"log"
	"log/slog"

	"dkron"
)

// newLogger returns a logger for the libraries below that writes to ours. They put the level in front: “[WARN] serf: …”.
func newLogger(out *slog.Logger) *log.Logger {
	return log.New(levelWriter{out}, "", 0)
}

type levelWriter struct{ out *slog.Logger }

var levels = map[string]slog.Level{
	"TRACE": slog.LevelDebug, "DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo,
	"WARN": slog.LevelWarn, "ERR": slog.LevelError, "ERROR": slog.LevelError,
}

func (w levelWriter) Write(p []byte) (int, error) {
	level, text := slog.LevelInfo, bytes.TrimSpace(p)
	if rest, ok := bytes.CutPrefix(text, []byte("[")); ok {
		if name, rest, ok := bytes.Cut(rest, []byte("]")); ok {
			if l, known := levels[string(name)]; known {
				level, text = l, bytes.TrimSpace(rest)
			}
		}
	}
	if bytes.Contains(text, []byte(dkron.ErrForeign.Error())) { // whoever refuses members reports it
		level = slog.LevelDebug
	}
	if part, rest, ok := bytes.Cut(text, []byte(": ")); ok && (string(part) == "serf" || string(part) == "memberlist") {
		w.out.Log(context.Background(), level, string(rest), "part", string(part))
		return len(p), nil
	}
	w.out.Log(context.Background(), level, string(text), "part", "gossip")
	return len(p), nil
}
