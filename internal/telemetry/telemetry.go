// Package telemetry is the logs and metrics of this process.
package telemetry

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// levelTrace is below slog's own levels.
const levelTrace = slog.LevelDebug - 4

// Levels is the names of the levels. Nothing here logs above error, so the last two mean the same.
var Levels = []string{"trace", "debug", "info", "warn", "error", "fatal", "panic"}

var levels = map[string]slog.Level{
	"trace": levelTrace, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn,
	"error": slog.LevelError, "fatal": slog.LevelError, "panic": slog.LevelError,
}

// NewLogger returns a logger that writes to w. format is text or json; level is one of Levels, and info if it is anything
// else. SetLevel changes the level of the logger and of all that are made from it.
func NewLogger(w io.Writer, format, level string) *slog.Logger {
	now := new(slog.LevelVar)
	now.Set(levels[level])
	opt := &slog.HandlerOptions{Level: now, ReplaceAttr: nameLevel}
	if format == "json" {
		opt.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr { return spelled(nameLevel(groups, a)) }
		return slog.New(adjustable{slog.NewJSONHandler(w, opt), now})
	}
	return slog.New(adjustable{slog.NewTextHandler(w, opt), now})
}

// nameLevel writes trace as TRACE, which slog knows as DEBUG-4.
func nameLevel(groups []string, a slog.Attr) slog.Attr {
	if l, ok := a.Value.Any().(slog.Level); ok && len(groups) == 0 && a.Key == slog.LevelKey && l == levelTrace {
		a.Value = slog.StringValue("TRACE")
	}
	return a
}

// spelled writes in JSON what the text format writes: durations with their unit, and what knows its own text as that text. JSON would
// have the exported fields, of which libraries' values have none.
func spelled(a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindDuration:
		a.Value = slog.StringValue(a.Value.Duration().String())
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case error, json.Marshaler, encoding.TextMarshaler:
		case fmt.Stringer:
			a.Value = slog.StringValue(v.String())
		}
	}
	return a
}

// adjustable is a handler whose level can be changed while it is used.
type adjustable struct {
	slog.Handler
	level *slog.LevelVar
}

// WithAttrs returns a handler with the same level.
func (a adjustable) WithAttrs(attrs []slog.Attr) slog.Handler {
	return adjustable{a.Handler.WithAttrs(attrs), a.level}
}

// WithGroup returns a handler with the same level.
func (a adjustable) WithGroup(name string) slog.Handler {
	return adjustable{a.Handler.WithGroup(name), a.level}
}

// SetLevel changes the level of a logger made by NewLogger, until the process ends, and returns the names of the level
// before and after. An empty name changes nothing.
func SetLevel(log *slog.Logger, name string) (before, after string, err error) {
	a, ok := log.Handler().(adjustable)
	if !ok {
		return "", "", fmt.Errorf("the program that embeds this node decides about its log")
	}
	before = levelName(a.level.Level())
	if name == "" {
		return before, before, nil
	}
	level, ok := levels[strings.ToLower(name)]
	if !ok {
		return before, before, fmt.Errorf("unknown level %q; choose one of %s", name, strings.Join(Levels, ", "))
	}
	a.level.Set(level)
	after = levelName(level)
	log.Log(context.Background(), max(level, slog.LevelInfo), "log level changed, until this node is restarted", "from", before, "to", after)
	return before, after, nil
}

func levelName(l slog.Level) string {
	i := slices.IndexFunc(Levels, func(name string) bool { return levels[name] == l })
	return Levels[max(i, 0)]
}
