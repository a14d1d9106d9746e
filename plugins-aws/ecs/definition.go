package ecs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"dkron/plugin"
)

// labelBody is the label of the first container of a task definition that we have registered. It has the hash of taskdefBody, so
// that the definition is registered again only after a change. A tag would need one more right.
const labelBody = "dkron.taskdefBody"

// definition is what is needed of a task definition, also by a later process.
type definition struct {
	ARN       string
	Container string
	Log       log `json:",omitzero"`
}

// log is where a container's output goes in CloudWatch Logs; without a group it goes elsewhere.
type log struct {
	Group  string `json:",omitempty"`
	Region string `json:",omitempty"` // empty: the cluster's
	Prefix string `json:",omitempty"` // of the stream; empty: streams have the id of the container
}

// define finds the task definition, or registers it.
func (r *run) define(ctx context.Context) error {
	var found *types.TaskDefinition
	var err error
	if r.body == nil {
		found, err = r.describe(ctx, r.named)
	} else {
		found, err = r.registered(ctx)
	}
	if err != nil {
		return err
	}
	container, err := r.chosen(found)
	if err != nil {
		return err
	}
	r.handle.definition = definition{ARN: aws.ToString(found.TaskDefinitionArn), Container: aws.ToString(container.Name), Log: logOf(container)}
	if r.logGroup != "" {
		r.Log.Group = r.logGroup
		if l := container.LogConfiguration; l == nil || l.LogDriver != types.LogDriverAwslogs {
			r.Log.Prefix = "ecs"
		}
	}
	return nil
}

func (r *run) describe(ctx context.Context, name string) (*types.TaskDefinition, error) {
	out, err := r.api.tasks.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(name)})
	if err != nil {
		return nil, err
	}
	if out.TaskDefinition == nil {
		return nil, errors.New("the answer has no task definition")
	}
	return out.TaskDefinition, nil
}

// registered returns the task definition of body: the newest of its family, if that was made from the same text.
func (r *run) registered(ctx context.Context) (*types.TaskDefinition, error) {
	found, err := r.describe(ctx, aws.ToString(r.body.Family))
	var said smithy.APIError
	switch {
	case err == nil:
		if len(found.ContainerDefinitions) > 0 && slices.ContainsFunc(found.ContainerDefinitions, func(c types.ContainerDefinition) bool {
			return c.DockerLabels[labelBody] == r.bodySum
		}) {
			return found, nil
		}
	case errors.As(err, &said) && said.ErrorCode() == "ClientException": // no such family
	default:
		return nil, err
	}
	body := *r.body
	body.ContainerDefinitions = slices.Clone(body.ContainerDefinitions)
	labels := map[string]string{labelBody: r.bodySum}
	for name, value := range body.ContainerDefinitions[0].DockerLabels {
		labels[name] = value
	}
	body.ContainerDefinitions[0].DockerLabels = labels
	out, err := r.api.tasks.RegisterTaskDefinition(ctx, &body)
	if err != nil {
		return nil, err
	}
	if out.TaskDefinition == nil {
		return nil, errors.New("the answer has no task definition")
	}
	return out.TaskDefinition, nil
}

// chosen returns the container that the job is about.
func (r *run) chosen(d *types.TaskDefinition) (types.ContainerDefinition, error) {
	var names []string
	var essential []types.ContainerDefinition
	for _, c := range d.ContainerDefinitions {
		if name := aws.ToString(c.Name); r.container != "" && name == r.container {
			return c, nil
		} else if names = append(names, name); c.Essential == nil || *c.Essential {
			essential = append(essential, c)
		}
	}
	switch {
	case r.container != "":
		return types.ContainerDefinition{}, mended{fmt.Errorf("the task definition has no container %s", plugin.Shown(r.container)), "it has " + strings.Join(names, ", ") + "; correct service"}
	case len(essential) == 1:
		return essential[0], nil
	}
	return types.ContainerDefinition{}, mended{fmt.Errorf("the task definition has %d essential containers", len(essential)), "name the one that the job is about in service: one of " + strings.Join(names, ", ")}
}

// logOf returns where a container's output goes.
func logOf(c types.ContainerDefinition) log {
	l := c.LogConfiguration
	if l == nil || l.LogDriver != types.LogDriverAwslogs {
		return log{}
	}
	return log{Group: l.Options["awslogs-group"], Region: l.Options["awslogs-region"], Prefix: l.Options["awslogs-stream-prefix"]}
}
