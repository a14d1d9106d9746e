package ecs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// mended is an error of our own that says how to mend it.
type mended struct {
	error
	advice string
}

func (m mended) Unwrap() error { return m.error }

// throttles are the refusals that say nothing of the request but that there are too many.
var throttles = []string{"Throttl", "TooManyRequests", "RequestLimitExceeded", "LimitExceededException", "SlowDown"}

// definite reports whether an error says for certain that a request was not carried out and never will be.
func definite(err error) bool {
	if errors.Is(err, errNoRegion) || credentialsMissing(err) {
		return true
	}
	var said smithy.APIError
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &said) || !errors.As(err, &answer) || answer.HTTPStatusCode() < 400 || answer.HTTPStatusCode() > 499 {
		return false
	}
	for _, t := range throttles {
		if strings.HasPrefix(said.ErrorCode(), t) {
			return false
		}
	}
	return said.ErrorCode() != "" && said.ErrorCode() != "UnknownError"
}

// credentialsMissing reports whether a request could not be signed.
func credentialsMissing(err error) bool {
	return strings.Contains(err.Error(), "get credentials") || strings.Contains(err.Error(), "failed to refresh cached credentials")
}

// text returns what went wrong, in one line without what only the library knows.
func text(err error) string {
	var said smithy.APIError
	if errors.As(err, &said) && said.ErrorMessage() != "" && said.ErrorCode() != "UnknownError" {
		return keys.Short(said.ErrorCode() + ": " + said.ErrorMessage())
	}
	if errors.Is(err, errTooLong) {
		return errTooLong.Error()
	}
	if credentialsMissing(err) {
		return "no credentials for AWS: " + keys.Short(last(err).Error())
	}
	var operation *smithy.OperationError
	if errors.As(err, &operation) {
		service := operation.Service()
		if service == "ECS" {
			service = "the API of ECS"
		}
		return keys.Short(service + ": " + last(operation.Err).Error())
	}
	return keys.Short(err.Error())
}

// last is the innermost error.
func last(err error) error {
	if errors.As(err, new(*smithy.DeserializationError)) {
		return errors.New("the answer is not that of an API of AWS")
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// refused is the response of an execution that failed with err before its task was started. ctx may have ended.
func (r *run) refused(ctx context.Context, doing string, err error) *plugin.ExecuteResponse {
	if ctx.Err() != nil {
		return keys.Failed(ctx, r.timeout, doing, nil)
	}
	return &plugin.ExecuteResponse{Error: text(err), Reason: r.advised(err)}
}

// advised is an error with how to mend it, or nothing if that isn't known.
func (r *run) advised(err error) string {
	if advice := r.advice(err); advice != "" {
		return text(err) + "; " + advice
	}
	return ""
}

// advice says how to mend an error, or nothing if that isn't known.
func (r *run) advice(err error) string {
	var own mended
	var said smithy.APIError
	switch {
	case errors.As(err, &own):
		return own.advice
	case errors.Is(err, errNoRegion):
		return "set region, or AWS_REGION in the agent's environment"
	case credentialsMissing(err):
		return "give the machine a role, or the agent AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile; see the guide of this executor"
	case errors.As(err, new(*types.ClusterNotFoundException)):
		return fmt.Sprintf("there is no cluster %s in %s; correct cluster or region", plugin.Shown(r.cluster), r.api.region)
	case errors.Is(err, context.DeadlineExceeded):
		return "the API hangs, or the node has no way to it; check region, endpoint and the node's network"
	}
	message := err.Error() + " " + text(err)
	if errors.As(err, &said) {
		message = said.ErrorCode() + " " + said.ErrorMessage()
	}
	return among(message, []known{
		{"iam:PassRole", "allow the credentials of this node iam:PassRole for the roles of the task"},
		{"not authorized to perform", "allow it to the credentials that this node has; the guide of this executor lists what it needs"},
		{"AccessDenied", "allow it to the credentials that this node has; the guide of this executor lists what it needs"},
		{"UnrecognizedClient", "AWS does not know the access key; correct it, or the region"},
		{"InvalidSignature", "the secret key is wrong, or the node's clock is; correct them"},
		{"SignatureDoesNotMatch", "the secret key is wrong; correct it"},
		{"ExpiredToken", "the session of the credentials has ended; renew it"},
		{"Unable to describe task definition", "there is no such task definition in this region; correct taskdefName or region"},
		{"TaskDefinition not found", "there is no such task definition in this region; correct taskdefName or region"},
		{"TaskDefinition is inactive", "register the task definition again, or name another revision"},
		{"Network Configuration must be provided", "the task definition has the network mode awsvpc; set subnet"},
		{"No Fargate configuration exists", "Fargate has certain pairs of cpu and memory only; correct them"},
		{"Capacity is unavailable", "Fargate has no capacity there now; try again later, or name subnets in more zones"},
		{"No Container Instances were found", "the cluster has no machine; add one, or set fargate to yes"},
		{"capacity provider", "the cluster does not have this capacity provider; correct capacityProvider, or add it to the cluster"},
		{"does not exist", "the region has no such thing; correct it, or region"},
		{"no such host", "no address is known for the API; correct region or endpoint"},
		{"deadline exceeded", "the API hangs, or the node has no way to it; check region, endpoint and the node's network"},
		{"Client.Timeout", "the API hangs, or the node has no way to it; check region, endpoint and the node's network"},
		{"not that of an API of AWS", "something else answers there; correct endpoint"},
		{"answer is longer than", "something else answers there; correct endpoint"},
		{"shared config profile", "the node's AWS files have no such profile; correct profile"},
	}, func() string { return keys.Advice(message, "the API") })
}

// known is a part of what AWS says, and what mends it.
type known struct{ part, advice string }

// among looks for the first that is in a text.
func among(text string, all []known, otherwise func() string) string {
	for _, a := range all {
		if strings.Contains(text, a.part) {
			return a.advice
		}
	}
	return otherwise()
}

func nothing() string { return "" }

// placing says how to mend that ECS has no place for a task.
func placing(reason string) string {
	return among(reason, []known{
		{"RESOURCE:MEMORY", "no machine of the cluster has so much memory free; add one, or lower memory"},
		{"RESOURCE:CPU", "no machine of the cluster has so many processors free; add one, or lower cpu"},
		{"RESOURCE:GPU", "no machine of the cluster has a GPU free; add one"},
		{"RESOURCE:ENI", "no machine of the cluster has a network interface free; add one"},
		{"RESOURCE:PORTS", "the ports are in use on all machines of the cluster; wait for the other task, or add a machine"},
		{"RESOURCE", "no machine of the cluster has what the task needs; add one"},
		{"AGENT", "the ECS agent of the machine is not connected; look at its log"},
		{"ATTRIBUTE", "no machine of the cluster has an attribute that the task needs; see the placement constraints of the task definition"},
		{"Capacity is unavailable", "Fargate has no capacity there now; try again later, or name subnets in more zones"},
		{"LOCATION", "the task definition can't run with this launch type; correct it"},
		{"INACTIVE", "the machine is no longer in the cluster"},
	}, nothing)
}

// whyEnded says how to mend what ECS says of a task that has failed.
func whyEnded(said string) string {
	return among(said, []known{
		{"CannotPullContainerError", "check the name of the image, that the subnet has a way to its registry (assignPublicIp, a NAT gateway or an endpoint), and that the execution role may pull it"},
		{"pull image manifest", "check the name of the image, and that the subnet has a way to its registry"},
		{"unable to pull secrets or registry auth", "check the execution role, and that the subnet has a way to the services (assignPublicIp, a NAT gateway or endpoints)"},
		{"failed to validate logger args", "create the log group, or let awslogs-create-group do it, and check the execution role"},
		{"ResourceInitializationError", "check the execution role, the network of the subnet and the volumes of the task definition"},
		{"CannotStartContainerError", "the image has no such program; correct command or the task definition"},
		{"OutOfMemory", "raise memory, or the limit of the container in the task definition"},
		{"DockerTimeoutError", "the machine is too busy; look at it"},
		{"Timeout waiting for network interface", "the subnet has no address left, or AWS is slow; look at the subnet"},
		{"Spot", "use FARGATE instead of FARGATE_SPOT if that must not happen, or give the job retries"},
		{"Capacity is unavailable", "Fargate has no capacity there now; try again later, or name subnets in more zones"},
	}, nothing)
}
