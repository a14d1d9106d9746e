package dkron

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestAResultSaysWhyItFailedAndWhere(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	killed := "signal: killed"
	for name, test := range map[string]struct {
		r    Result
		want string
	}{
		"success":      {Result{Outcome: Success, Reason: "x"}, ""},
		"exit code":    {Result{Outcome: Failed, Error: "exit status 17", ExitCode: &ExitCode{17}}, "exit code 17 on web-2"},
		"last line":    {Result{Outcome: Failed, ExitCode: &ExitCode{17}, Output: []byte("a\n\x1b[31mERROR\x1b[0m 503 from upstream\r\n\n----\n")}, "exit code 17 on web-2: ERROR 503 from upstream"},
		"progress bar": {Result{Outcome: Failed, ExitCode: &ExitCode{1}, Output: []byte("10%\r20%\rdisk full")}, "exit code 1 on web-2: disk full"},
		"a link":       {Result{Outcome: Failed, ExitCode: &ExitCode{1}, Output: []byte("\x1b]8;;http://x\x1b\\see\x1b]8;;\x07 x\x00\x07")}, "exit code 1 on web-2: see x"},
		"signal":       {Result{Outcome: Failed, Error: "signal: segmentation fault", Output: []byte("on it")}, "ended by signal: segmentation fault on web-2: on it"},
		"timeout":      {Result{Outcome: TimedOut, Error: killed, Reason: "timed out after 5 s"}, "timed out after 5 s on web-2"},
		"handled TERM": {Result{Outcome: TimedOut, Error: killed, ExitCode: &ExitCode{0}, Output: []byte("bye"), Reason: "timed out after 5 s"}, "timed out after 5 s on web-2"},
		"old agent":    {Result{Outcome: TimedOut, Error: killed, StartedAt: at, FinishedAt: at.Add(5012 * time.Millisecond)}, "timed out after 5 s on web-2"},
		"memory":       {Result{Outcome: Failed, Error: killed, Reason: "killed: over its memory limit of 20 MB"}, "killed: over its memory limit of 20 MB on web-2"},
		"http":         {Result{Outcome: Failed, Error: "received response code does not match the expected code", Reason: "answered 404, expected 2xx"}, "answered 404, expected 2xx, on web-2"},
		"lost":         {Result{Outcome: Lost, Error: "node web-2 did not answer for 30 s"}, "node web-2 did not answer for 30 s"},
		"else":         {Result{Outcome: Failed, Error: "working directory /x:\nno such directory"}, "failed on web-2: working directory /x: no such directory"},
	} {
		test.r.NodeName = "web-2"
		if got := test.r.Explain(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		again := test.r
		if got := again.Explain(); got != test.want {
			t.Errorf("%s: the second time %q", name, got)
		}
	}
}

func TestAReasonIsBoundedAndValid(t *testing.T) {
	long := strings.Repeat("ä\xff", 5000)
	r := Result{Outcome: Failed, NodeName: "n", ExitCode: &ExitCode{1}, Output: []byte(long), Error: long, Reason: ""}
	got := r.Explain()
	if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxReason+30 || !strings.HasSuffix(got, "…") {
		t.Errorf("%d characters: %q", utf8.RuneCountInString(got), got)
	}
	r.ExitCode = nil
	if got := r.Explain(); !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxReason+30 {
		t.Errorf("%q", got)
	}
}
