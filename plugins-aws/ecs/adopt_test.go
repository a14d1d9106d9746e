package ecs

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
	"dkron/plugins-aws/internal/awstest"
)

// deserted starts an execution, and returns its output and handles after its agent has died, which happens when f is true of a text.
func deserted(t *testing.T, config map[string]string, text string) *output {
	t.Helper()
	ctx, die := context.WithCancelCause(t.Context())
	out := new(output)
	out.wrote = once(text, func() { die(plugin.ErrAgentGone) })
	if response, err := newExecutor().Execute(ctx, request(t, config), out); !errors.Is(err, plugin.ErrAgentGone) {
		t.Fatalf("%+v, %v", response, err)
	}
	return out
}

func adopt(ctx context.Context, t *testing.T, config map[string]string, handle []byte, reported int) (*plugin.ExecuteResponse, string, error) {
	t.Helper()
	again := request(t, config)
	again.Reported = int64(reported)
	out := new(output)
	response, err := newExecutor().Adopt(ctx, again, handle, out)
	return response, out.String(), err
}

func TestATaskIsFollowedAfterTheDeathOfItsAgent(t *testing.T) {
	for name, x := range map[string]struct {
		before   bool // the task ends before it is adopted
		reported bool // the agent has what was written before
		want     string
	}{
		"by a new process of the plugin": {false, true, "three\n"},
		"by a new agent":                 {false, false, "one\ntwo\nthree\n"},
		"that came after its end":        {true, false, "one\ntwo\nthree\n"},
	} {
		t.Run(name, func(t *testing.T) {
			goOn := make(chan struct{})
			s := serverOf(t, func(t *awstest.Task) awstest.End {
				t.Print("one")
				t.Print("two")
				<-goOn
				t.Print("three")
				return awstest.End{Code: 7}
			})
			config := on(s)
			out := deserted(t, config, "two\n")
			reported := 0
			if x.reported {
				reported = len(out.text)
			}
			if x.before {
				close(goOn)
				eventually(t, "the task ends", s.Tasks()[0].Ended)
			} else {
				time.AfterFunc(300*time.Millisecond, func() { close(goOn) })
			}
			response, text, err := adopt(t.Context(), t, config, out.handles[1], reported)
			if err != nil || response.Error != "exit status 7" || code(response) != 7 || text != x.want {
				t.Errorf("%+v, %v, output %q", response, err, text)
			}
			if n := len(s.Tasks()); n != 1 || s.Count("RunTask") != 1 {
				t.Errorf("%d tasks", n)
			}
		})
	}
}

// The agent or the plugin may die at any moment around the start: there is one task, whether ECS had heard of it or not.
func TestAStartIsNeverDoubled(t *testing.T) {
	for name, heard := range map[string]bool{"that ECS has heard of": true, "that ECS has not heard of": false} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, func(t *awstest.Task) awstest.End {
				t.Print("hello")
				return awstest.End{}
			})
			ctx, die := context.WithCancelCause(t.Context())
			s.Break(func(operation string, n int) awstest.Kind {
				if operation != "RunTask" || n > 1 {
					return awstest.Fine
				}
				die(plugin.ErrAgentGone)
				if heard {
					return awstest.Lose
				}
				return awstest.Hang
			})
			config, out := on(s), new(output)
			e := newExecutor()
			e.limits.stop = 0 // the process dies, and asks nothing again
			if response, err := e.Execute(ctx, request(t, config), out); !errors.Is(err, plugin.ErrAgentGone) || len(out.handles) != 1 {
				t.Fatalf("%+v, %v, %d handles", response, err, len(out.handles))
			}
			if heard { // the client is gone, maybe before ECS has carried out what it heard
				eventually(t, "ECS starts the task", func() bool { return len(s.Tasks()) == 1 })
			} else if n := len(s.Tasks()); n != 0 {
				t.Fatalf("%d tasks", n)
			}
			// The task definition has changed in between: ECS must be asked for the same as before.
			s.Define(awstest.Definition("report", awstest.Container("other", true)))
			response, text, err := adopt(t.Context(), t, config, out.handles[0], 0)
			if err != nil || response.Error != "" || text != "hello\n" {
				t.Errorf("%+v, %v, output %q", response, err, text)
			}
			if n := len(s.Tasks()); n != 1 {
				t.Errorf("%d tasks", n)
			}
		})
	}
}

// After its life a token would start a second task.
func TestAnOldTokenStartsNothing(t *testing.T) {
	goOn := make(chan struct{})
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		t.Print("hello")
		<-goOn
		return awstest.End{}
	})
	config := on(s)
	out := deserted(t, config, "hello\n")
	close(goOn)
	var h handle
	if err := json.Unmarshal(out.handles[0], &h); err != nil {
		t.Fatal(err)
	}
	h.Planned = h.Planned.Add(-2 * tokenLife)
	h.Deadline = time.Time{}
	old, _ := json.Marshal(h)
	if response, text, err := adopt(t.Context(), t, config, old, 0); err != nil || response.Error != "" || text != "hello\n" {
		t.Errorf("a task that ECS knows: %+v, %v, output %q", response, err, text)
	}
	s.Tasks()[0].Forget()
	if response, _, err := adopt(t.Context(), t, config, old, 0); !errors.Is(err, plugin.ErrUnknownOutcome) {
		t.Errorf("%+v, %v", response, err)
	}
	if s.Count("RunTask") != 1 {
		t.Errorf("%d starts", s.Count("RunTask"))
	}
}

func TestAStopReachesATaskThatIsAdopted(t *testing.T) {
	for name, handle := range map[string]int{"that was started": 1, "that was about to be": 0} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, untilStopped(0))
			config := on(s)
			out := deserted(t, config, "up\n")
			ctx, stop := stoppable(t)
			stop()
			response, _, err := adopt(ctx, t, config, out.handles[handle], 0)
			if err != nil || response.Error != "stopped on request while running the task" {
				t.Errorf("%+v, %v", response, err)
			}
			if !s.Tasks()[0].Ended() || s.Count("RunTask") != 1 {
				t.Errorf("ended %t, %d starts", s.Tasks()[0].Ended(), s.Count("RunTask"))
			}
		})
	}
}

func TestATimeoutGoesOnWhileNobodyFollows(t *testing.T) {
	s := serverOf(t, untilStopped(0))
	config := on(s, "timeout", "3s")
	out := deserted(t, config, "up\n")
	response, _, err := adopt(t.Context(), t, config, out.handles[1], 0)
	if err != nil || !response.TimedOut {
		t.Errorf("%+v, %v", response, err)
	}
}

// A process that dies after it has told ECS to stop the task leaves a word for the next one.
func TestWhyATaskWasStoppedIsNotForgotten(t *testing.T) {
	s := serverOf(t, untilStopped(0))
	config := on(s, "timeout", "1h")
	out := deserted(t, config, "up\n")
	r := newExecutor().run(t.Context(), request(t, config), out)
	var err error
	if r.api, err = r.executor.clients.get(t.Context(), r.account, r.executor.limits); err != nil {
		t.Fatal(err)
	}
	r.Task = s.Tasks()[0].ARN
	if err := r.halt(t.Context(), "timed out"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the task ends", s.Tasks()[0].Ended)
	response, _, err := adopt(t.Context(), t, config, out.handles[1], 0)
	if err != nil || !response.TimedOut || response.Error != "timed out after 1 h while running the task" {
		t.Errorf("%+v, %v", response, err)
	}
}

func TestTheOutcomeOfAForgottenTaskIsUnknown(t *testing.T) {
	s := serverOf(t, untilStopped(0))
	config := on(s)
	out := deserted(t, config, "up\n")
	s.Tasks()[0].Forget()
	if response, _, err := adopt(t.Context(), t, config, out.handles[1], 0); !errors.Is(err, plugin.ErrUnknownOutcome) || !strings.Contains(err.Error(), "forgets") {
		t.Errorf("%+v, %v", response, err)
	}
}

func TestAHandleThatIsNoneIsAnUnknownOutcome(t *testing.T) {
	s := serverOf(t, nil)
	for _, text := range []string{"", "{}", "x"} {
		if response, _, err := adopt(t.Context(), t, on(s), []byte(text), 0); !errors.Is(err, plugin.ErrUnknownOutcome) {
			t.Errorf("%q: %+v, %v", text, response, err)
		}
	}
}
