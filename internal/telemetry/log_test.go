package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

func TestTheLevelChangesForAllLoggersMadeFromIt(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, "text", "info")
	part := log.With("part", "x").WithGroup("g")
	part.Debug("one")
	before, after, err := SetLevel(log.With("node", "n1"), "debug")
	part.Debug("two")
	log.Log(t.Context(), levelTrace, "three")
	if before != "info" || after != "debug" || err != nil || strings.Contains(out.String(), "one") || !strings.Contains(out.String(), "two") ||
		strings.Contains(out.String(), "three") {
		t.Errorf("%s, %s, %v: %s", before, after, err, &out)
	}
	if before, after, err = SetLevel(log, ""); before != "debug" || after != "debug" || err != nil {
		t.Errorf("asked: %s, %s, %v", before, after, err)
	}
	if _, _, err = SetLevel(log, "loud"); err == nil || !strings.Contains(err.Error(), "choose one of trace, debug") {
		t.Errorf("unknown: %v", err)
	}
	if _, _, err = SetLevel(slog.New(slog.DiscardHandler), "debug"); err == nil {
		t.Error("a foreign log was changed")
	}
	if _, _, err = SetLevel(log, "trace"); err != nil {
		t.Fatal(err)
	}
	log.Log(t.Context(), levelTrace, "four")
	if !strings.Contains(out.String(), "level=TRACE msg=four") {
		t.Errorf("no TRACE in %s", &out)
	}
}

// launchLines returns what is logged of launches, as JSON.
func launchLines(t *testing.T, level string, list ...*dkron.Launch) (lines []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		l := NewLaunchLog(NewLogger(&out, "json", level))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go l.Run(ctx)
		l.Ended(list)
		synctest.Wait()
	})
	for line := range strings.Lines(out.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, m)
	}
	return lines
}

func TestALaunchThatEndedOtherwiseThanWellHasALineThatSaysWhy(t *testing.T) {
	well := &dkron.Launch{Job: "backup", Group: 5, State: dkron.LaunchSuccess, Cause: dkron.CauseSchedule}
	badly := &dkron.Launch{
		Job: "backup", Group: 6, State: dkron.LaunchFailed, Cause: dkron.CauseManual, By: "zoë", Nodes: 3, Succeeded: 1, Failed: 2,
		Reason: "exit code 3 on n1: curl: password hunter2: refused (and 1 more node)",
	}
	lines := launchLines(t, "info", well, badly)
	if len(lines) != 1 {
		t.Fatalf("got %v", lines)
	}
	for key, want := range map[string]any{
		"level": "WARN", "msg": "launch failed", "job": "backup", "launch": "backup.6", "state": "failed", "cause": "manual", "requested_by": "zoë",
		"reason": "exit code 3 on n1 (and 1 more node)", "nodes": 3.0, "failed": 2.0,
	} {
		if lines[0][key] != want {
			t.Errorf("%s is %v, want %v", key, lines[0][key], want)
		}
	}
	if lines := launchLines(t, "debug", well, badly); len(lines) != 2 || lines[0]["msg"] != "launch succeeded" || lines[0]["level"] != "DEBUG" {
		t.Errorf("at debug: %v", lines)
	}
}

func TestReasonsAreLoggedWithoutWhatACommandWrote(t *testing.T) {
	for reason, want := range map[string]string{
		"exit code 1 on n1: token=abc": "exit code 1 on n1", "ended by signal: killed on n1: token": "ended by signal: killed on n1",
		"timed out after 3s on n1": "timed out after 3s on n1", "no live node matches": "no live node matches",
		"exit code 1: x: y (and 4 more nodes)": "exit code 1 (and 4 more nodes)", "exit code -1 on n1": "exit code -1 on n1",
	} {
		lines := launchLines(t, "info", &dkron.Launch{Job: "j", State: dkron.LaunchFailed, Reason: reason})
		if len(lines) != 1 || lines[0]["reason"] != want {
			t.Errorf("%q is %v, want %q", reason, lines, want)
		}
	}
}

func TestALogThatIsTooSlowLosesLinesAndSaysHowMany(t *testing.T) {
	list := make([]*dkron.Launch, maxUnlogged+3)
	for i := range list {
		list[i] = &dkron.Launch{Job: "j", State: dkron.LaunchLost}
	}
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		l := NewLaunchLog(NewLogger(&out, "json", "info"))
		l.Ended(list)
		ctx, cancel := context.WithCancel(t.Context())
		go l.Run(ctx)
		synctest.Wait()
		cancel()
	})
	if n := strings.Count(out.String(), "launch was lost"); n != maxUnlogged || !strings.Contains(out.String(), `"not_logged":3`) {
		t.Errorf("%d lines, %s", n, out.String()[max(0, out.Len()-500):])
	}
}

func TestJSONHasTheTextThatTheTextFormatHas(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, "json", "info")
	log.Info("x", "addr", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, "retry_in", 90*time.Second, "error", errors.New("no"), "n", 7)
	if line := out.String(); !strings.Contains(line, `"addr":"127.0.0.1:8080","retry_in":"1m30s","error":"no","n":7`) {
		t.Error(line)
	}
}
