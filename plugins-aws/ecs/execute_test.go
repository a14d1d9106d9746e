package ecs

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
	"dkron/plugins-aws/internal/awstest"
)

func TestATaskRunsToItsEnd(t *testing.T) {
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		t.Print("hello %s", t.Env["STAGE"])
		t.Print("command %q", t.Command)
		return awstest.End{}
	})
	response, out := execute(t, on(s, "env", "STAGE=prod,DKRON_JOB_NAME=other", "command", `report "all of it"`))
	if response.Error != "" || code(response) != 0 || out != "hello prod\ncommand [\"report\" \"all of it\"]\n" {
		t.Errorf("%+v, output %q", response, out)
	}
	task := s.Tasks()[0]
	if env := task.Env; env["DKRON_JOB_NAME"] != t.Name() || env["DKRON_EXECUTION_ID"] != "5-node" || env["DKRON_SCHEDULED_AT"] != "2030-01-02T03:04:05Z" || env["DKRON_ATTEMPT"] != "2" {
		t.Errorf("environment %v", env)
	}
	if by := task.Order["startedBy"].(string); !strings.HasPrefix(by, "dkron/"+t.Name()+"/") {
		t.Errorf("started by %s", by)
	}
}

func TestWhatAJobWantsReachesECS(t *testing.T) {
	s := serverOf(t, func(*awstest.Task) awstest.End { return awstest.End{} })
	s.Define(awstest.Definition("pair", awstest.Container("main", true), awstest.Container("side", true)))
	response, out := execute(t, on(s, "taskdefName", "pair:1", "service", "side", "overrides", `a,b\,c`, "cluster", "batch", "fargate", "", "capacityProvider", "FARGATE_SPOT",
		"subnet", "subnet-1, subnet-2", "securityGroup", "sg-1", "assignPublicIp", "true", "cpu", "0.5 vCPU", "memory", "2GB", "taskRole", "arn:aws:iam::123456789012:role/a",
		"executionRole", "arn:aws:iam::123456789012:role/b", "platformVersion", "1.4.0", "tags", "team=data", "propagateTags", "TASK_DEFINITION", "enableExecuteCommand", "true"))
	if response.Error != "" {
		t.Fatalf("%+v, output %q", response, out)
	}
	order := s.Tasks()[0].Order
	for _, key := range []string{"clientToken", "startedBy"} {
		delete(order, key)
	}
	delete(order["overrides"].(map[string]any)["containerOverrides"].([]any)[0].(map[string]any), "environment")
	var want map[string]any
	if err := json.Unmarshal([]byte(`{
		"taskDefinition": "arn:aws:ecs:eu-test-1:123456789012:task-definition/pair:1", "cluster": "batch", "count": 1, "enableECSManagedTags": false, "enableExecuteCommand": true,
		"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 1}], "platformVersion": "1.4.0", "propagateTags": "TASK_DEFINITION",
		"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"}},
		"tags": [{"key": "team", "value": "data"}],
		"overrides": {"cpu": "512", "memory": "2048", "taskRoleArn": "arn:aws:iam::123456789012:role/a", "executionRoleArn": "arn:aws:iam::123456789012:role/b",
			"containerOverrides": [{"name": "side", "command": ["a", "b,c"]}]}}`), &want); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"enableECSManagedTags"} { // the library may leave out what is false
		delete(order, key)
		delete(want, key)
	}
	delete(order["capacityProviderStrategy"].([]any)[0].(map[string]any), "base")
	delete(want["capacityProviderStrategy"].([]any)[0].(map[string]any), "base")
	if !reflect.DeepEqual(order, want) {
		t.Errorf("got  %v\nwant %v", order, want)
	}
}

func TestHowATaskEndsIsSaidForPeople(t *testing.T) {
	for name, x := range map[string]struct {
		end                 awstest.End
		failed, why, advice string
		code                int
	}{
		"failure":     {awstest.End{Code: 3}, "exit status 3", "", "", 3},
		"memory":      {awstest.End{Code: 137, ContainerReason: "OutOfMemoryError: Container killed due to memory usage"}, "exit status 137", "exit status 137: OutOfMemoryError: Container killed due to memory usage; ", "raise memory", 137},
		"image":       {awstest.End{NoCode: true, StopCode: "TaskFailedToStart", Reason: "CannotPullContainerError: pull access denied for nope"}, "the task could not start: CannotPullContainerError: pull access denied for nope", "the task could not start: CannotPullContainerError: pull access denied for nope; ", "check the name of the image", -1},
		"by another":  {awstest.End{StopCode: "UserInitiated", Reason: "stopped by alice"}, "the task was stopped before its end: stopped by alice", "", "", 0},
		"spot":        {awstest.End{Code: 143, StopCode: "SpotInterruption", Reason: "Your Spot Task was interrupted."}, "the task was stopped before its end: Your Spot Task was interrupted.", "the task was stopped before its end: ", "use FARGATE instead", 143},
		"a companion": {awstest.End{Code: 143, Others: map[string]int{"side": 1}}, "exit status 143", "exit status 143: ECS ended the task, since its container side has exited with 1", "", 143},
	} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, func(t *awstest.Task) awstest.End {
				t.Print("before the end")
				return x.end
			})
			response, out := execute(t, on(s))
			if response.Error != x.failed || !strings.HasPrefix(response.Reason, x.why) || !strings.Contains(response.Reason, x.advice) || code(response) != x.code || response.TimedOut {
				t.Errorf("%+v, code %d", response, code(response))
			}
			if out != "before the end\n" {
				t.Errorf("output %q", out)
			}
		})
	}
}

func TestATaskWithoutAPlaceFailsWithAdvice(t *testing.T) {
	s := serverOf(t, nil)
	s.Fill("RESOURCE:MEMORY")
	response, _ := execute(t, on(s))
	if response.Error != "ECS did not start the task: RESOURCE:MEMORY" || !strings.Contains(response.Reason, "lower memory") {
		t.Errorf("%+v", response)
	}
}

func TestWhatECSRefusesIsSaidWithAdvice(t *testing.T) {
	for name, x := range map[string]struct{ key, value, failed, advice string }{
		"cluster":    {"cluster", "nope", "ClusterNotFoundException: Cluster not found.", `there is no cluster "nope" in eu-test-1; correct cluster or region`},
		"definition": {"taskdefName", "nope", "ClientException: Unable to describe task definition.", "there is no such task definition in this region"},
		"container":  {"service", "nope", `the task definition has no container "nope"`, "it has main; correct service"},
		"profile":    {"profile", "nope", "reading AWS's files and environment: failed to get shared config profile, nope", "correct profile"},
		"region":     {"region", "", "no region is known", "set region, or AWS_REGION"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serverOf(t, nil)
			response, _ := execute(t, on(s, x.key, x.value))
			if response.Error != x.failed || !strings.Contains(response.Reason, x.advice) {
				t.Errorf("%+v", response)
			}
		})
	}
}

func TestSeveralEssentialContainersNeedAName(t *testing.T) {
	s := serverOf(t, func(*awstest.Task) awstest.End { return awstest.End{} })
	s.Define(awstest.Definition("pair", awstest.Container("main", true), awstest.Container("side", true)))
	s.Define(awstest.Definition("helped", awstest.Container("helper", false), awstest.Container("main", true)))
	if response, _ := execute(t, on(s, "taskdefName", "pair")); response.Error != "the task definition has 2 essential containers" || !strings.Contains(response.Reason, "one of main, side") {
		t.Errorf("%+v", response)
	}
	if response, _ := execute(t, on(s, "taskdefName", "helped")); response.Error != "" {
		t.Errorf("%+v", response)
	}
}

func TestATaskDefinitionIsRegisteredOnlyAfterAChange(t *testing.T) {
	s := serverOf(t, func(*awstest.Task) awstest.End { return awstest.End{} })
	body := `{"family": "mine", "networkMode": "awsvpc", "containerDefinitions": [{"name": "one", "image": "busybox:%s", "dockerLabels": {"a": "b"},
		"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/test"}}}]}`
	for i, x := range []struct {
		image     string
		registers int
	}{{"1", 1}, {"1", 1}, {"2", 2}, {"2", 2}, {"1", 3}} {
		req := request(t, on(s, "taskdefName", "", "taskdefBody", fmt.Sprintf(body, x.image)))
		req.ExecutionID = fmt.Sprint(i) // each has a task
		response, err := newExecutor().Execute(t.Context(), req, new(output))
		if err != nil || response.Error != "" || s.Count("RegisterTaskDefinition") != x.registers {
			t.Errorf("%d: %+v, %v, registered %d times", i, response, err, s.Count("RegisterTaskDefinition"))
		}
	}
}

func TestNoSecretIsShown(t *testing.T) {
	s := serverOf(t, func(*awstest.Task) awstest.End { return awstest.End{} })
	body := `{"family": "mine", "containerDefinitions": [{"name": "one", "image": "busybox", "environment": [{"name": "PIN", "value": "s3cret"}],
		"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/test"}}}]}`
	response, out := execute(t, on(s, "taskdefName", "", "taskdefBody", body, "env", "PASSWORD=s3cret", "debug", "true"))
	if response.Error != "" || strings.Contains(out, "s3cret") || !strings.HasPrefix(out, "Config: ") {
		t.Errorf("%+v, output %q", response, out)
	}
}

func TestARoleIsAssumed(t *testing.T) {
	s := serverOf(t, func(*awstest.Task) awstest.End { return awstest.End{} })
	response, _ := execute(t, on(s, "assumeRole", "arn:aws:iam::123456789012:role/dkron", "externalId", "outside"))
	if response.Error != "" || s.Tasks()[0].KeyID != awstest.AssumedKeyID {
		t.Errorf("%+v, task of %s", response, s.Tasks()[0].KeyID)
	}
}

func TestALongOutputComesInPages(t *testing.T) {
	const lines = 25_000
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		for i := range lines {
			t.Print("%d", i)
		}
		return awstest.End{}
	})
	response, out := execute(t, on(s))
	var want strings.Builder
	for i := range lines {
		fmt.Fprintln(&want, i)
	}
	if response.Error != "" || out != want.String() {
		t.Errorf("%+v, %d bytes, want %d", response, len(out), want.Len())
	}
}

func TestOutputIsFollowedAndItsRestComesAfterTheEnd(t *testing.T) {
	seen := make(chan struct{})
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		t.Print("early")
		<-seen
		go func() { // as CloudWatch, which has lines later than ECS has the end
			time.Sleep(400 * time.Millisecond)
			t.Print("late")
		}()
		return awstest.End{}
	})
	out := new(output)
	out.wrote = once("early\n", func() { close(seen) })
	e := newExecutor()
	e.limits.settle = 2 * time.Second
	response, err := e.Execute(t.Context(), request(t, on(s)), out)
	if err != nil || response.Error != "" || out.String() != "early\nlate\n" {
		t.Errorf("%+v, %v, output %q", response, err, out)
	}
}

func TestStreamsThatAreNamedByTheContainerAreFound(t *testing.T) {
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		t.Print("hello")
		return awstest.End{}
	})
	container := awstest.Container("main", true)
	delete(container["logConfiguration"].(map[string]any)["options"].(map[string]any), "awslogs-stream-prefix")
	s.Define(awstest.Definition("bare", container))
	if response, out := execute(t, on(s, "taskdefName", "bare")); response.Error != "" || out != "hello\n" {
		t.Errorf("%+v, output %q", response, out)
	}
}

func TestALogThatCantBeReadIsNoFailure(t *testing.T) {
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		t.Print("hello")
		return awstest.End{}
	})
	s.Break(func(operation string, _ int) awstest.Kind {
		if operation == "GetLogEvents" || operation == "FilterLogEvents" {
			return awstest.Deny
		}
		return awstest.Fine
	})
	response, out := execute(t, on(s))
	if response.Error != "" || !strings.HasPrefix(out, "Warning: the output can't be read: AccessDeniedException: ") || !strings.Contains(out, "GetLogEvents") || strings.Count(out, "\n") != 1 {
		t.Errorf("%+v, output %q", response, out)
	}
}

func TestAnOutputThatGoesElsewhereIsSaid(t *testing.T) {
	s := serverOf(t, func(*awstest.Task) awstest.End { return awstest.End{} })
	container := awstest.Container("main", true)
	delete(container, "logConfiguration")
	s.Define(awstest.Definition("silent", container))
	if response, out := execute(t, on(s, "taskdefName", "silent")); response.Error != "" || !strings.HasPrefix(out, `Warning: no output can be shown, since the container "main" does not write`) {
		t.Errorf("%+v, output %q", response, out)
	}
}

func TestAnAgentOfV4GetsATaskEachTime(t *testing.T) {
	s := serverOf(t, func(*awstest.Task) awstest.End { return awstest.End{} })
	for range 2 {
		response, err := newExecutor().Execute(t.Context(), &plugin.ExecuteRequest{JobName: "job", Config: on(s)}, new(output))
		if err != nil || response.Error != "" {
			t.Errorf("%+v, %v", response, err)
		}
	}
	if n := len(s.Tasks()); n != 2 {
		t.Errorf("%d tasks", n)
	}
}
