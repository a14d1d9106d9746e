package ecs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// tokenLife is how long after its first use a token is certain to start nothing else. ECS keeps it for 24 hours, or until an hour
// after the end of what it has started.
const tokenLife = 45 * time.Minute

// token is that of an execution: always the same, so that it can't get two tasks. An agent of v4 does not name executions.
func token(req *plugin.ExecuteRequest) string {
	if req.ExecutionID == "" {
		return rand.Text()
	}
	sum := sha256.Sum256([]byte(req.Cluster + "\x00" + req.NodeName + "\x00" + req.JobName + "\x00" + req.ExecutionID))
	return hex.EncodeToString(sum[:16])
}

// unfit are the characters that startedBy can't have.
var unfit = regexp.MustCompile(`[^a-zA-Z0-9_-]+`)

// startedBy is by what people and a later process find the task.
func (r *run) startedBy() string {
	job := strings.Trim(unfit.ReplaceAllString(r.req.JobName, "-"), "-")
	return "dkron/" + job[:min(len(job), 40)] + "/" + r.Token
}

// order is the task that the job wants.
func (r *run) order() *ecs.RunTaskInput {
	in := &ecs.RunTaskInput{
		Cluster: aws.String(r.cluster), TaskDefinition: aws.String(r.ARN), Count: aws.Int32(1),
		ClientToken: aws.String(r.Token), StartedBy: aws.String(r.startedBy()),
		LaunchType: r.launchType, PropagateTags: r.propagate, Tags: r.tags, EnableExecuteCommand: r.allowsExec,
		Overrides: &types.TaskOverride{
			ContainerOverrides: []types.ContainerOverride{{Name: aws.String(r.Container), Command: r.command, Environment: r.environ()}},
			Cpu:                optional(r.cpu), Memory: optional(r.memory), TaskRoleArn: optional(r.taskRole), ExecutionRoleArn: optional(r.executionRole),
		},
		PlatformVersion: optional(r.platform),
	}
	if r.provider != "" {
		in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String(r.provider), Weight: 1}}
	}
	if r.network != nil {
		in.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: r.network}
	}
	return in
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// environ is env with the variables that identify the execution. No name occurs twice.
func (r *run) environ() (env []types.KeyValuePair) {
	for _, entry := range append(slices.Clone(r.env), keys.Identity(r.req)...) {
		name, value, _ := strings.Cut(entry, "=")
		env = slices.DeleteFunc(env, func(other types.KeyValuePair) bool { return *other.Name == name })
		env = append(env, types.KeyValuePair{Name: aws.String(name), Value: aws.String(value)})
	}
	return env
}

// started is the answer to a start.
type started struct {
	out *ecs.RunTaskOutput
	err error
}

// start starts the task, and returns its ARN. While it isn't known whether ECS has heard of it, ECS is asked again, with the same
// token. Without a task it returns how the execution ended.
func (r *run) start(ctx context.Context) (task string, response *plugin.ExecuteResponse, err error) {
	for since := time.Now(); ; {
		answer := r.ask(ctx)
		conflict := (*types.ConflictException)(nil)
		switch {
		case answer.err == nil && len(answer.out.Tasks) > 0:
			return aws.ToString(answer.out.Tasks[0].TaskArn), nil, nil
		case answer.err == nil && len(answer.out.Failures) > 0:
			return "", r.unplaced(answer.out.Failures), nil
		case answer.err == nil:
			answer.err = errors.New("the answer has no task")
		case errors.As(answer.err, &conflict) && len(conflict.ResourceIds) > 0:
			return conflict.ResourceIds[0], nil, nil
		case definite(answer.err) && ctx.Err() == nil:
			return "", r.refused(ctx, "starting the task", answer.err), nil
		}
		if errors.Is(context.Cause(ctx), plugin.ErrAgentGone) {
			return "", nil, plugin.ErrAgentGone
		}
		if ctx.Err() == nil && time.Since(since) < r.executor.limits.absence && sleep(ctx, min(time.Since(since)/4+100*time.Millisecond, r.executor.limits.backoff)) {
			continue
		}
		return r.doubtful(ctx, answer.err)
	}
}

// ask asks ECS once to start the task, with the library's retries. A stop that comes in between waits a little for the answer: a
// task whose ARN is known can be stopped.
func (r *run) ask(ctx context.Context) started {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.executor.limits.call)
	defer cancel()
	answers := make(chan started, 1)
	go func() {
		out, err := r.api.tasks.RunTask(bounded, r.order())
		answers <- started{out, err}
	}()
	select {
	case answer := <-answers:
		return answer
	case <-ctx.Done():
	}
	select {
	case answer := <-answers:
		return answer
	case <-time.After(r.executor.limits.stop / 4):
		cancel()
		return <-answers
	}
}

// doubtful is for a start whose answer was lost: it returns the task if there is one.
func (r *run) doubtful(ctx context.Context, cause error) (task string, response *plugin.ExecuteResponse, err error) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.executor.limits.stop/4)
	defer cancel()
	task, err = r.find(bounded)
	switch {
	case err != nil && ctx.Err() == nil:
		return "", nil, fmt.Errorf("%w: it is not known whether ECS has started the task: %s", plugin.ErrUnknownOutcome, text(cause))
	case err != nil:
		response := keys.Failed(ctx, r.timeout, "starting the task", nil)
		response.Reason = "ECS does not answer, so it is not known whether it has started the task; look for one that was started by " + r.startedBy()
		return "", response, nil
	case task != "":
		return task, nil, nil
	}
	return "", r.refused(ctx, "starting the task", cause), nil
}

// find returns the task that was started for the execution, if ECS knows one.
func (r *run) find(ctx context.Context) (string, error) {
	for _, status := range []types.DesiredStatus{types.DesiredStatusRunning, types.DesiredStatusStopped} {
		out, err := r.api.tasks.ListTasks(ctx, &ecs.ListTasksInput{
			Cluster: aws.String(r.cluster), StartedBy: aws.String(r.startedBy()), DesiredStatus: status,
		})
		if err != nil {
			return "", err
		}
		if len(out.TaskArns) > 0 {
			return out.TaskArns[0], nil
		}
	}
	return "", nil
}

// unplaced is the response of an execution for whose task ECS has no place.
func (r *run) unplaced(failures []types.Failure) *plugin.ExecuteResponse {
	f := failures[0]
	reason := aws.ToString(f.Reason)
	said := reason
	if detail := aws.ToString(f.Detail); detail != "" {
		said += ": " + detail
	}
	response := &plugin.ExecuteResponse{Error: "ECS did not start the task: " + keys.Short(said)}
	if advice := placing(reason); advice != "" {
		response.Reason = response.Error + "; " + advice
	}
	return response
}
