package telemetry

import (
	"context"
	"log/slog"
	"regexp"
	"sync/atomic"

	"dkron"
)

// maxUnlogged bounds the launches that wait to be logged: a slow log must not delay the state.
const maxUnlogged = 4096

// LaunchLog writes a line for each launch that ends: what ended, how, and why. Those that ended well are at debug.
type LaunchLog struct {
	log   *slog.Logger
	lines chan launchLine
	lost  atomic.Uint64
}

type launchLine struct {
	level slog.Level
	text  string
	about []any
}

// NewLaunchLog returns a log of launches. Run writes it.
func NewLaunchLog(log *slog.Logger) *LaunchLog {
	return &LaunchLog{log: log, lines: make(chan launchLine, maxUnlogged)}
}

// Ended queues a line for each launch that ended, if its level is logged.
func (l *LaunchLog) Ended(list []*dkron.Launch) {
	for _, x := range list {
		level, text := howItEnded(x.State)
		if !l.log.Enabled(context.Background(), level) {
			continue
		}
		select {
		case l.lines <- launchLine{level, text, about(x)}:
		default:
			l.lost.Add(1)
		}
	}
}

// Run writes what is queued until ctx ends.
func (l *LaunchLog) Run(ctx context.Context) {
	for {
		select {
		case line := <-l.lines:
			l.log.Log(ctx, line.level, line.text, line.about...)
			if n := l.lost.Swap(0); n > 0 {
				l.log.Warn("more launches ended than could be logged; see /v1/launches for all", "not_logged", n)
			}
		case <-ctx.Done():
			return
		}
	}
}

func howItEnded(s dkron.LaunchState) (slog.Level, string) {
	switch s {
	case dkron.LaunchSuccess:
		return slog.LevelDebug, "launch succeeded"
	case dkron.LaunchSkipped: // as the job's concurrency wants it
		return slog.LevelInfo, "launch was skipped"
	case dkron.LaunchStopped:
		return slog.LevelInfo, "launch was stopped"
	case dkron.LaunchTimedOut:
		return slog.LevelWarn, "launch timed out"
	case dkron.LaunchLost:
		return slog.LevelWarn, "launch was lost"
	case dkron.LaunchMissed:
		return slog.LevelWarn, "launch was missed"
	case dkron.LaunchNoTarget:
		return slog.LevelWarn, "launch had no node to run on"
	}
	return slog.LevelWarn, "launch failed"
}

// quoting matches a reason that quotes the last line of an output; see dkron.Result.Explain.
var quoting = regexp.MustCompile(`^(exit code -?\d+[^:]*|ended by signal: [^:]+): .*?( \(and \d+ more nodes?\))?$`)

// about is what is known of a launch. It holds no output and no configuration, which may have secrets in them.
func about(x *dkron.Launch) []any {
	why := quoting.ReplaceAllString(x.Reason, "$1$2")
	out := []any{"job", x.Job, "launch", x.ID(), "state", string(x.State), "cause", string(x.Cause)}
	if !x.Nominal.IsZero() {
		out = append(out, "due", x.Nominal)
	}
	if why != "" {
		out = append(out, "reason", why)
	}
	if x.Nodes > 0 {
		out = append(out, "nodes", x.Nodes, "succeeded", x.Succeeded, "failed", x.Failed)
	}
	if x.Count > 1 {
		out = append(out, "due_times", x.Count)
	}
	if x.StoppedBy != "" {
		out = append(out, "stopped_by", x.StoppedBy)
	}
	if x.By != "" {
		out = append(out, "requested_by", x.By)
	}
	return out
}
