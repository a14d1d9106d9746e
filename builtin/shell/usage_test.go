//go:build linux

package shell_test

import (
	"context"
	"testing"
	"time"

	"dkron/builtin/shell"
	"dkron/plugin"
)

const mb = 1 << 20

func TestTheMemoryAndTheTimeOfAllProcessesOfACommandAreReported(t *testing.T) {
	// tail has to keep all of it, and is a child of the shell. It needs more than the test's own process.
	r := execute(t, map[string]string{"command": "head -c 150m /dev/zero | tail -c 150m | wc -c", "shell": "true", "mem_limit": "1gb"})
	u := r.Usage
	if r.Error != "" || u == nil {
		t.Fatalf("%q, %v, %+v", r.Error, r.err, u)
	}
	if u.MaxRSS < 150*mb || u.MaxRSS > 400*mb {
		t.Errorf("memory: %d MB", u.MaxRSS/mb)
	}
	if u.CPU <= 0 || u.CPU > limit {
		t.Errorf("time: %v", u.CPU)
	}
	if u.MemoryLimit != 1<<30 {
		t.Errorf("limit: %d", u.MemoryLimit)
	}
}

func TestAShortCommandIsNotReportedWithTheMemoryOfItsParent(t *testing.T) {
	ballast := make([]byte, 64*mb) // a child begins with the peak of its parent
	for i := 0; i < len(ballast); i += 4096 {
		ballast[i] = 1
	}
	u := execute(t, map[string]string{"command": "true"}).Usage
	if u == nil || u.MaxRSS > 32*mb || u.MemoryLimit != 0 {
		t.Errorf("%+v", u)
	}
	ballast[0]++
}

func TestASmallCommandThatTakesLongerIsMeasuredWhileItRuns(t *testing.T) {
	u := execute(t, map[string]string{"command": "sleep 4 & sleep 4; wait", "shell": "true"}).Usage
	if u == nil || u.MaxRSS < mb/2 || u.MaxRSS > 32*mb {
		t.Errorf("%+v", u)
	}
}

func TestTheTimeOfACommandThatIsKilledIsReported(t *testing.T) {
	// The work is done by a child, for which nobody waits once its parent is killed.
	r := execute(t, map[string]string{"command": "(while :; do :; done) & wait", "shell": "true", "timeout": "1s"})
	if u := r.Usage; !r.TimedOut || u == nil || u.CPU < 10*time.Millisecond || u.CPU > 2*time.Second {
		t.Errorf("%+v of %+v", r.Usage, r.ExecuteResponse)
	}
	e := shell.New(shell.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(300*time.Millisecond, func() { cancel(plugin.ErrStopped) })
	if r := executeWith(t, ctx, e, request(map[string]string{"command": "while :; do :; done", "shell": "true"})); r.Usage == nil || r.Usage.CPU < 10*time.Millisecond {
		t.Errorf("%+v", r.Usage)
	}
}
