// Package liblog lets libraries of HashiCorp write to our log.
package liblog

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"slices"

	"github.com/hashicorp/go-hclog"
)

// logger is a hclog.Logger that writes to a slog.Logger.
type logger struct {
	out     *slog.Logger
	name    string
	implied []any
}

// New returns a logger for a library. Each line names the part that it comes from.
func New(out *slog.Logger, part string) hclog.Logger { return &logger{out: out, name: part} }

// renamed has the keys of libraries that our own lines have as well, with another meaning: a line has each key once.
var renamed = map[string]string{"node": "raft_node", "plugin": "file"}

// renamedIn returns pairs of keys and values with our keys.
func renamedIn(args []any) []any {
	all := slices.Clone(args)
	for i := 0; i < len(all); i += 2 {
		if key, ok := all[i].(string); ok {
			all[i] = cmp.Or(renamed[key], key)
		}
	}
	return all
}

func levelOf(l hclog.Level) slog.Level {
	switch l {
	case hclog.Trace:
		return slog.LevelDebug - 4
	case hclog.Debug:
		return slog.LevelDebug
	case hclog.Warn:
		return slog.LevelWarn
	case hclog.Error:
		return slog.LevelError
	}
	return slog.LevelInfo
}

func (h *logger) enabled(l hclog.Level) bool {
	return h.out.Enabled(context.Background(), levelOf(l))
}

func (h *logger) Log(l hclog.Level, msg string, args ...any) {
	if !h.enabled(l) {
		return
	}
	attrs := make([]any, 0, len(args)+2)
	attrs = append(attrs, "part", h.name)
	for _, a := range renamedIn(args) {
		if f, ok := a.(hclog.Format); ok && len(f) > 0 {
			if format, ok := f[0].(string); ok {
				a = fmt.Sprintf(format, f[1:]...)
			}
		}
		attrs = append(attrs, a)
	}
	h.out.Log(context.Background(), levelOf(l), msg, attrs...)
}

func (h *logger) Trace(msg string, args ...any) { h.Log(hclog.Trace, msg, args...) }
func (h *logger) Debug(msg string, args ...any) { h.Log(hclog.Debug, msg, args...) }
func (h *logger) Info(msg string, args ...any)  { h.Log(hclog.Info, msg, args...) }
func (h *logger) Warn(msg string, args ...any)  { h.Log(hclog.Warn, msg, args...) }
func (h *logger) Error(msg string, args ...any) { h.Log(hclog.Error, msg, args...) }

func (h *logger) IsTrace() bool { return h.enabled(hclog.Trace) }
func (h *logger) IsDebug() bool { return h.enabled(hclog.Debug) }
func (h *logger) IsInfo() bool  { return h.enabled(hclog.Info) }
func (h *logger) IsWarn() bool  { return h.enabled(hclog.Warn) }
func (h *logger) IsError() bool { return h.enabled(hclog.Error) }

func (h *logger) ImpliedArgs() []any { return h.implied }
func (h *logger) Name() string       { return h.name }

func (h *logger) With(args ...any) hclog.Logger {
	return &logger{out: h.out.With(renamedIn(args)...), name: h.name, implied: append(h.implied[:len(h.implied):len(h.implied)], args...)}
}

func (h *logger) Named(name string) hclog.Logger { return h.ResetNamed(h.name + "." + name) }

func (h *logger) ResetNamed(name string) hclog.Logger {
	return &logger{out: h.out, name: name, implied: h.implied}
}

// SetLevel does nothing: the level is the handler's.
func (h *logger) SetLevel(hclog.Level) {}

func (h *logger) GetLevel() hclog.Level {
	for _, l := range []hclog.Level{hclog.Trace, hclog.Debug, hclog.Info, hclog.Warn} {
		if h.enabled(l) {
			return l
		}
	}
	return hclog.Error
}

func (h *logger) StandardLogger(opts *hclog.StandardLoggerOptions) *log.Logger {
	return log.New(h.StandardWriter(opts), "", 0)
}

func (h *logger) StandardWriter(*hclog.StandardLoggerOptions) io.Writer { return lineWriter{h} }

type lineWriter struct{ h *logger }

func (w lineWriter) Write(p []byte) (int, error) {
	w.h.Info(string(bytes.TrimRight(p, "\n")))
	return len(p), nil
}
