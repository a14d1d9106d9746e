package awstest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Task is a task that was started.
type Task struct {
	ARN     string
	Order   map[string]any // what RunTask was asked
	KeyID   string         // who has asked
	Command []string
	Env     map[string]string
	Reason  string // of its stop

	server *Server
	order  string // Order as text
	stop   chan struct{}
	asked  sync.Once

	// Guarded by the server.
	status string
	end    End
	lines  []string
	hidden bool
}

// End is how a task ends.
type End struct {
	Code            int
	NoCode          bool // its container has never run
	StopCode        string
	Reason          string
	ContainerReason string
	Others          map[string]int // exit codes of other containers
}

// Stopped is closed when the task is told to stop.
func (t *Task) Stopped() <-chan struct{} { return t.stop }

// Quit is closed at the end of the test.
func (t *Task) Quit() <-chan struct{} { return t.server.quit }

// Print writes a line to the task's log.
func (t *Task) Print(format string, args ...any) {
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	t.lines = append(t.lines, fmt.Sprintf(format, args...))
}

// Forget makes the server know the task no more.
func (t *Task) Forget() {
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	t.hidden = true
}

// Ended reports whether the task has ended.
func (t *Task) Ended() bool {
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	return t.status == "STOPPED"
}

// do carries out an operation.
func (s *Server) do(operation string, in map[string]any, keyID string) (map[string]any, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cluster, ok := in["cluster"]; ok && cluster != "default" && cluster != "batch" {
		return nil, &failure{code: "ClusterNotFoundException", text: "Cluster not found."}
	}
	switch operation {
	case "DescribeTaskDefinition":
		if d := s.definition(in["taskDefinition"].(string)); d != nil {
			return map[string]any{"taskDefinition": d}, nil
		}
		return nil, &failure{code: "ClientException", text: "Unable to describe task definition."}
	case "RegisterTaskDefinition":
		s.define(in)
		return map[string]any{"taskDefinition": in}, nil
	case "RunTask":
		return s.runTask(in, keyID)
	case "DescribeTasks":
		return s.describeTasks(in)
	case "ListTasks":
		return s.listTasks(in)
	case "StopTask":
		t := s.task(in["task"].(string))
		if t == nil {
			return nil, &failure{code: "InvalidParameterException", text: "The referenced task was not found."}
		}
		t.asked.Do(func() {
			t.Reason, _ = in["reason"].(string)
			close(t.stop)
		})
		return map[string]any{"task": t.describe()}, nil
	case "GetLogEvents":
		return s.logEvents(in)
	case "FilterLogEvents":
		return s.filterEvents(in)
	}
	return nil, &failure{code: "UnknownOperationException"}
}

func (s *Server) definition(name string) map[string]any {
	name = name[strings.LastIndexByte(name, '/')+1:]
	family, revision, exact := strings.Cut(name, ":")
	all := s.definitions[family]
	n := len(all)
	if exact {
		n, _ = strconv.Atoi(revision)
	}
	if n < 1 || n > len(all) {
		return nil
	}
	return all[n-1]
}

func (s *Server) task(arn string) *Task {
	if i := slices.IndexFunc(s.tasks, func(t *Task) bool { return t.ARN == arn && !t.hidden }); i >= 0 {
		return s.tasks[i]
	}
	return nil
}

var (
	tokens  = regexp.MustCompile(`^[!-~]{1,64}$`)
	starter = regexp.MustCompile(`^[a-zA-Z0-9/_-]{1,128}$`)
)

func (s *Server) runTask(in map[string]any, keyID string) (map[string]any, *failure) {
	token, _ := in["clientToken"].(string)
	by, _ := in["startedBy"].(string)
	if !tokens.MatchString(token) || !starter.MatchString(by) || in["count"] != 1.0 {
		s.t.Errorf("RunTask: %v", in)
	}
	text, err := json.Marshal(in)
	if err != nil {
		s.t.Error(err)
	}
	for _, t := range s.tasks {
		if t.Order["clientToken"] == token {
			if t.order != string(text) {
				return nil, &failure{"ConflictException", "The clientToken is in use.", map[string]any{"resourceIds": []string{t.ARN}}}
			}
			return map[string]any{"tasks": []any{t.describe()}, "failures": []any{}}, nil
		}
	}
	if s.definition(in["taskDefinition"].(string)) == nil {
		return nil, &failure{code: "ClientException", text: "TaskDefinition not found."}
	}
	if s.full != "" {
		return map[string]any{"tasks": []any{}, "failures": []any{map[string]any{"arn": "arn:aws:ecs:x", "reason": s.full}}}, nil
	}
	t := &Task{
		ARN:   fmt.Sprintf("arn:aws:ecs:%s:123456789012:task/default/%032x", Region, len(s.tasks)+1),
		Order: in, KeyID: keyID, order: string(text), Env: make(map[string]string), server: s, stop: make(chan struct{}), status: "PROVISIONING",
	}
	override := in["overrides"].(map[string]any)["containerOverrides"].([]any)[0].(map[string]any)
	if words, ok := override["command"].([]any); ok {
		for _, word := range words {
			t.Command = append(t.Command, word.(string))
		}
	}
	for _, pair := range override["environment"].([]any) {
		p := pair.(map[string]any)
		t.Env[p["name"].(string)] = p["value"].(string)
	}
	s.tasks = append(s.tasks, t)
	go t.run()
	return map[string]any{"tasks": []any{t.describe()}, "failures": []any{}}, nil
}

func (t *Task) run() {
	t.set("RUNNING", End{})
	end := t.server.work(t)
	select {
	case <-t.stop:
		if end.StopCode == "" {
			end.StopCode, end.Reason = "UserInitiated", t.Reason
		}
	default:
	}
	t.set("STOPPED", end)
}

func (t *Task) set(status string, end End) {
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	t.status, t.end = status, end
}

func (t *Task) name() string {
	return t.Order["overrides"].(map[string]any)["containerOverrides"].([]any)[0].(map[string]any)["name"].(string)
}

func (t *Task) describe() map[string]any {
	container := map[string]any{"name": t.name(), "lastStatus": t.status, "taskArn": t.ARN}
	out := map[string]any{
		"taskArn": t.ARN, "lastStatus": t.status, "startedBy": t.Order["startedBy"], "taskDefinitionArn": t.Order["taskDefinition"], "version": 3,
		"createdAt": float64(time.Now().UnixMilli()) / 1000,
	}
	containers := []any{container}
	if t.status != "PROVISIONING" {
		container["runtimeId"] = "runtime-1"
	}
	if t.status == "STOPPED" {
		stopCode := t.end.StopCode
		if stopCode == "" {
			stopCode = "EssentialContainerExited"
		}
		out["stopCode"], out["stoppedReason"] = stopCode, t.end.Reason
		if t.end.Reason == "" {
			out["stoppedReason"] = "Essential container in task exited"
		}
		if !t.end.NoCode {
			container["exitCode"] = t.end.Code
			out["startedAt"] = out["createdAt"]
		}
		if t.end.ContainerReason != "" {
			container["reason"] = t.end.ContainerReason
		}
		for name, code := range t.end.Others {
			containers = append(containers, map[string]any{"name": name, "lastStatus": t.status, "exitCode": code})
		}
	}
	out["containers"] = containers
	return out
}

func (s *Server) describeTasks(in map[string]any) (map[string]any, *failure) {
	tasks, failures := []any{}, []any{}
	for _, arn := range in["tasks"].([]any) {
		if t := s.task(arn.(string)); t != nil {
			tasks = append(tasks, t.describe())
		} else {
			failures = append(failures, map[string]any{"arn": arn, "reason": "MISSING"})
		}
	}
	return map[string]any{"tasks": tasks, "failures": failures}, nil
}

func (s *Server) listTasks(in map[string]any) (map[string]any, *failure) {
	arns := []any{}
	for _, t := range s.tasks {
		if !t.hidden && t.Order["startedBy"] == in["startedBy"] && (t.status == "STOPPED") == (in["desiredStatus"] == "STOPPED") {
			arns = append(arns, t.ARN)
		}
	}
	return map[string]any{"taskArns": arns}, nil
}

// pageSize is how many lines a page has.
const pageSize = 1000

func (s *Server) logEvents(in map[string]any) (map[string]any, *failure) {
	t, failed := s.writer(in, in["logStreamName"])
	if failed != nil {
		return nil, failed
	}
	from := 0
	if token, ok := in["nextToken"].(string); ok {
		from, _ = strconv.Atoi(strings.TrimPrefix(token, "f/"))
	} else if in["startFromHead"] != true {
		s.t.Error("GetLogEvents does not begin at the head")
	}
	to := min(from+pageSize, len(t.lines))
	events := []any{}
	for i := from; i < to; i++ {
		events = append(events, map[string]any{"timestamp": instant(i), "ingestionTime": instant(i), "message": t.lines[i]})
	}
	return map[string]any{"events": events, "nextForwardToken": fmt.Sprint("f/", to), "nextBackwardToken": "b/0"}, nil
}

// instant is when a line was written: three of them in one millisecond.
func instant(line int) int { return line / 3 }

// filterEvents answers with lines from a time on. A page may have none, and yet a next one.
func (s *Server) filterEvents(in map[string]any) (map[string]any, *failure) {
	streams, _ := in["logStreamNames"].([]any)
	if len(streams) != 1 {
		s.t.Errorf("FilterLogEvents of the streams %v", streams)
		return nil, &failure{code: "InvalidParameterException"}
	}
	t, failed := s.writer(in, streams[0])
	if failed != nil {
		return nil, failed
	}
	since, _ := in["startTime"].(float64)
	from := 0
	if token, ok := in["nextToken"].(string); ok {
		from, _ = strconv.Atoi(strings.TrimPrefix(token, "n/"))
	}
	to := min(from+pageSize, len(t.lines))
	events := []any{}
	for i := from; i < to; i++ {
		if instant(i) >= int(since) {
			events = append(events, map[string]any{
				"eventId": fmt.Sprint("event-", i), "logStreamName": streams[0], "timestamp": instant(i), "ingestionTime": instant(i), "message": t.lines[i],
			})
		}
	}
	out := map[string]any{"events": events, "searchedLogStreams": []any{}}
	if to < len(t.lines) {
		out["nextToken"] = fmt.Sprint("n/", to)
	}
	return out, nil
}

// writer returns the task that has written to a stream.
func (s *Server) writer(in map[string]any, stream any) (*Task, *failure) {
	if in["logGroupName"] != "/ecs/test" {
		return nil, &failure{code: "ResourceNotFoundException", text: "The specified log group does not exist."}
	}
	for _, t := range s.tasks {
		if id := t.ARN[strings.LastIndexByte(t.ARN, '/')+1:]; (stream == "run/"+t.name()+"/"+id || stream == "runtime-1") && len(t.lines) > 0 {
			return t, nil
		}
	}
	return nil, &failure{code: "ResourceNotFoundException", text: "The specified log stream does not exist."}
}
