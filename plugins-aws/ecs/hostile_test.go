package ecs

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"dkron/internal/porttest"
	"dkron/plugin"
	"dkron/plugins-aws/internal/awstest"
)

// hello is work of a line.
func hello(t *awstest.Task) awstest.End {
	t.Print("hello")
	return awstest.End{}
}

// first is a fault of the first requests for each operation.
func first(many int, kind awstest.Kind) func(string, int) awstest.Kind {
	return func(_ string, n int) awstest.Kind {
		if n <= many {
			return kind
		}
		return awstest.Fine
	}
}

func TestWhatGoesWrongForSomeTimeIsTriedAgain(t *testing.T) {
	for name, kind := range map[string]awstest.Kind{"throttling": awstest.Throttle, "an error of the server": awstest.Internal, "a lost answer": awstest.Lose} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, hello)
			s.Break(first(3, kind))
			response, out := execute(t, on(s))
			if response.Error != "" || out != "hello\n" {
				t.Errorf("%+v, output %q", response, out)
			}
			if n := len(s.Tasks()); n != 1 || s.Count("RunTask") < 2 {
				t.Errorf("%d tasks after %d starts", n, s.Count("RunTask"))
			}
		})
	}
}

func TestAnAPIThatDoesNotAnswerFailsTheExecution(t *testing.T) {
	for name, x := range map[string]struct {
		kind           awstest.Kind
		failed, advice string
	}{
		"throttling": {awstest.Throttle, "ThrottlingException: Rate exceeded", ""},
		"hanging":    {awstest.Hang, "the API of ECS: ", "the API hangs"},
		"garbage":    {awstest.Garbage, "the API of ECS: the answer is not that of an API of AWS", "something else answers there; correct endpoint"},
		"huge":       {awstest.Huge, "the answer is longer than 8 MB", "something else answers there; correct endpoint"},
		"denied":     {awstest.Deny, "AccessDeniedException: User: ", "the guide of this executor lists what it needs"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, hello)
			s.Break(first(1000, x.kind))
			began, before := time.Now(), memory()
			response, _ := execute(t, on(s))
			if !strings.HasPrefix(response.Error, x.failed) || !strings.Contains(response.Reason, x.advice) || time.Since(began) > time.Minute {
				t.Errorf("%+v after %v", response, time.Since(began))
			}
			if more := int64(memory() - before); more > 200<<20 {
				t.Errorf("took %d MB", more>>20)
			}
			if n := len(s.Tasks()); n != 0 {
				t.Errorf("%d tasks", n)
			}
		})
	}
}

// memory is how much was allocated so far.
func memory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys
}

func TestAStartThatIsNeverAnsweredHasAnUnknownOutcome(t *testing.T) {
	s := serverOf(t, hello)
	s.Break(func(operation string, _ int) awstest.Kind {
		switch operation {
		case "RunTask":
			return awstest.Lose
		case "ListTasks":
			return awstest.Internal
		}
		return awstest.Fine
	})
	response, err := newExecutor().Execute(t.Context(), request(t, on(s)), new(output))
	if !errors.Is(err, plugin.ErrUnknownOutcome) || !strings.Contains(err.Error(), "it is not known whether ECS has started the task") {
		t.Errorf("%+v, %v", response, err)
	}
	if n := len(s.Tasks()); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

func TestATaskIsFoundAfterAStartThatWasNeverAnswered(t *testing.T) {
	s := serverOf(t, hello)
	s.Break(func(operation string, _ int) awstest.Kind {
		if operation == "RunTask" {
			return awstest.Lose
		}
		return awstest.Fine
	})
	if response, out := execute(t, on(s)); response.Error != "" || out != "hello\n" {
		t.Errorf("%+v, output %q", response, out)
	}
}

func TestAnAbsenceOfTheAPIIsSurvivedUntilItIsTooLong(t *testing.T) {
	for name, long := range map[string]bool{"short": false, "long": true} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, hello)
			s.Break(func(operation string, n int) awstest.Kind {
				if operation == "DescribeTasks" && (long || n < 20) {
					return awstest.Internal
				}
				return awstest.Fine
			})
			out := new(output)
			response, err := newExecutor().Execute(t.Context(), request(t, on(s)), out)
			if long && (!errors.Is(err, plugin.ErrUnknownOutcome) || !strings.Contains(err.Error(), "ECS could not be asked for 3 s")) {
				t.Errorf("%+v, %v", response, err)
			}
			if !long && (err != nil || response.Error != "" || out.String() != "hello\n") {
				t.Errorf("%+v, %v, output %q", response, err, out)
			}
		})
	}
}

func TestALogThatIsGarbageIsNoFailure(t *testing.T) {
	for name, kind := range map[string]awstest.Kind{"garbage": awstest.Garbage, "huge": awstest.Huge} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, hello)
			s.Break(func(operation string, n int) awstest.Kind {
				if operation == "GetLogEvents" && n < 3 {
					return kind
				}
				return awstest.Fine
			})
			if response, _ := execute(t, on(s)); response.Error != "" {
				t.Errorf("%+v", response)
			}
		})
	}
}

func TestNothingAtTheAddressIsSaid(t *testing.T) {
	address := "http://" + porttest.Addr(t)
	s := serverOf(t, nil)
	response, _ := execute(t, on(s, "endpoint", address))
	if response.Error != "the API of ECS: connection refused" || !strings.Contains(response.Reason, "nothing accepts connections at the API") {
		t.Errorf("%+v", response)
	}
}

func TestMissingCredentialsAreSaid(t *testing.T) {
	s := serverOf(t, nil)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	response, _ := execute(t, on(s))
	if !strings.HasPrefix(response.Error, "no credentials for AWS: ") || !strings.Contains(response.Reason, "give the machine a role") {
		t.Errorf("%+v", response)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDWRONG")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	if response, _ = execute(t, on(s)); !strings.HasPrefix(response.Error, "UnrecognizedClientException: ") || !strings.Contains(response.Reason, "AWS does not know the access key") {
		t.Errorf("%+v", response)
	}
}
