package ecs

import (
	"strings"
	"testing"
	"time"

	"dkron/plugin"
	"dkron/plugins-aws/internal/awstest"
)

func TestAStopEndsTheTask(t *testing.T) {
	s := serverOf(t, untilStopped(143))
	ctx, stop := stoppable(t)
	out := new(output)
	out.wrote = once("up\n", stop)
	response, err := newExecutor().Execute(ctx, request(t, on(s)), out)
	if err != nil || response.Error != "stopped on request while running the task" || response.TimedOut || code(response) != 143 || len(response.LeftRunning) != 0 {
		t.Errorf("%+v, %v", response, err)
	}
	if task := s.Tasks()[0]; task.Reason != "dkron: stopped on request" || !task.Ended() {
		t.Errorf("reason %q, ended %t", task.Reason, task.Ended())
	}
}

func TestATimeoutEndsTheTask(t *testing.T) {
	s := serverOf(t, untilStopped(0))
	response, out := execute(t, on(s, "timeout", "1s"))
	if !response.TimedOut || response.Error != "timed out after 1 s while running the task" || code(response) != 0 || out != "up\n" {
		t.Errorf("%+v, output %q", response, out)
	}
	if task := s.Tasks()[0]; task.Reason != "dkron: timed out" || !task.Ended() {
		t.Errorf("reason %q, ended %t", task.Reason, task.Ended())
	}
}

func TestWaitingForATaskThatIgnoresItsStopIsBounded(t *testing.T) {
	s := serverOf(t, stubborn)
	ctx, stop := stoppable(t)
	out := new(output)
	var asked time.Time
	out.wrote = once("up\n", func() {
		asked = time.Now()
		stop()
	})
	e := newExecutor()
	response, err := e.Execute(ctx, request(t, on(s)), out)
	if took := time.Since(asked); err != nil || took > 2*e.limits.stop || len(response.LeftRunning) != 1 || response.Error != "stopped on request while running the task, and it has not ended yet" {
		t.Errorf("%+v, %v after %v", response, err, took)
	}
	if !strings.Contains(response.Reason, response.LeftRunning[0]) {
		t.Errorf("reason %q", response.Reason)
	}
}

func TestAStopDoesNotWaitAsLongAsATimeoutDoes(t *testing.T) {
	s := serverOf(t, stubborn)
	ctx, stop := stoppable(t)
	e := newExecutor()
	e.limits.end = time.Minute
	began := time.Now()
	go func() {
		eventually(t, "the task is told to stop", func() bool { return s.Count("StopTask") > 0 })
		stop()
	}()
	response, err := e.Execute(ctx, request(t, on(s, "timeout", "500ms")), new(output))
	if err != nil || !response.TimedOut || time.Since(began) > 30*time.Second {
		t.Errorf("%+v, %v after %v", response, err, time.Since(began))
	}
}

// What is asked for while the start is on its way may be started, and must not go on.
func TestAStopDuringTheStartLeavesNoTask(t *testing.T) {
	for name, kind := range map[string]awstest.Kind{"whose answer is lost": awstest.Lose, "that hangs at first": awstest.Hang} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, untilStopped(0))
			ctx, stop := stoppable(t)
			s.Break(func(operation string, n int) awstest.Kind {
				if operation != "RunTask" {
					return awstest.Fine
				}
				stop()
				if n == 1 {
					return kind
				}
				return awstest.Fine
			})
			response, err := newExecutor().Execute(ctx, request(t, on(s)), new(output))
			if err != nil || !strings.HasPrefix(response.Error, "stopped on request while ") {
				t.Errorf("%+v, %v", response, err)
			}
			for _, task := range s.Tasks() {
				eventually(t, "the task has ended", task.Ended)
			}
		})
	}
}

func TestATaskWhoseHandleIsRefusedIsStopped(t *testing.T) {
	s := serverOf(t, untilStopped(0))
	e := newExecutor()
	refusing := &second{output: new(output)}
	if response, err := e.Execute(t.Context(), request(t, on(s)), refusing); err == nil || err.Error() != "no room" {
		t.Errorf("%+v, %v", response, err)
	}
	eventually(t, "the task has ended", s.Tasks()[0].Ended)
}

// second refuses all handles but the first.
type second struct{ *output }

func (s *second) Started(handle []byte) error {
	if err := s.output.Started(handle); err != nil || len(s.handles) < 2 {
		return err
	}
	return noRoom{}
}

type noRoom struct{}

func (noRoom) Error() string { return "no room" }

var _ plugin.Status = (*second)(nil)
