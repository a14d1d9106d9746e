package ecs

import (
	"encoding/json"
	"strconv"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Describe returns the JSON Schema of the configuration.
func (*Executor) Describe() json.RawMessage { return schema().JSON() }

// schema lists every key of the configuration.
func schema() plugin.Schema {
	properties := append(what(), where()...)
	properties = append(properties, how()...)
	return plugin.Schema{
		Description: "Runs a task on Amazon ECS.",
		Properties:  append(append(properties, access()...), keys.DebugKey()),
	}
}

// reported is the schema by which the configuration is written to the output: of a task definition nobody knows what is a secret.
func reported() plugin.Schema {
	s := schema()
	for i := range s.Properties {
		if s.Properties[i].Name == "taskdefBody" {
			s.Properties[i].Format = plugin.Password
		}
	}
	return s
}

func what() []plugin.Property {
	return []plugin.Property{
		{
			Name: "taskdefName", Title: "Task definition",
			Description: "The task definition: its family, family:revision or ARN. A family means its newest revision. It or taskdefBody is needed.",
			Examples:    []string{"nightly-report", "nightly-report:12"},
		},
		{
			Name: "cluster", Title: "Cluster", Default: defaultCluster,
			Description: "The cluster of ECS, by name or ARN.",
			Examples:    []string{"batch"},
		},
		{
			Name: "region", Title: "Region",
			Description: "The region of the cluster. Without it, that of the profile, of AWS_REGION in the agent's environment, or of the machine.",
			Examples:    []string{"eu-west-1"},
		},
		{
			Name: "command", Title: "Command", Format: plugin.Multiline,
			Description: "What runs in the container. It is split into words, quoted as in a shell, and nothing is expanded. Without it, the command of the task definition.",
			Examples:    []string{"report --all", `sh -c "date | tee /tmp/now"`},
		},
		{
			Name: "env", Title: "Environment", Role: plugin.Environment,
			Description: `Variables for the container, separated by commas. Write \, for a comma within a value.`,
			Examples:    []string{"STAGE=prod,REGION=eu"},
		},
		{
			Name: "timeout", Title: "Timeout", Format: plugin.Duration,
			Description: "A task that takes longer, with its start, is stopped and times out. 0s means no limit. Without it, maxAttempts applies.",
			Examples:    []string{"30m"},
		},
		{
			Name: "service", Title: "Container", Advanced: true,
			Description: "The container of the task definition that gets command and env, and whose exit code and output count. Needed if there are several that are essential.",
			Examples:    []string{"report"},
		},
		{
			Name: "overrides", Title: "Command, by commas", Advanced: true,
			Description: `The words of the command, separated by commas, as in Dkron v4; command is easier to read. Write \, for a comma within a word.`,
			Examples:    []string{"report,--all"},
		},
		{
			Name: "taskdefBody", Title: "Task definition as JSON", Format: plugin.Multiline, ContentMediaType: plugin.MediaJSON, Advanced: true,
			Description: "A task definition that is registered, instead of taskdefName. It is registered again only after it was changed.",
			Examples:    []string{`{"family": "hello", "containerDefinitions": [{"name": "hello", "image": "alpine:3.22", "memory": 64}]}`},
		},
	}
}

func where() []plugin.Property {
	return []plugin.Property{
		{
			Name: "fargate", Title: "On Fargate", Advanced: true, Enum: []string{"yes", "no"},
			Description: "With yes the task runs on Fargate, as with FARGATE in launchType.",
		},
		{
			Name: "launchType", Title: "Launch type", Advanced: true, Enum: []string{"EC2", "FARGATE", "EXTERNAL"},
			Description: "Where the task runs. Without it and without capacityProvider, the cluster's default.",
		},
		{
			Name: "capacityProvider", Title: "Capacity provider", Advanced: true,
			Description: "Where the task runs, instead of a launch type.",
			Examples:    []string{"FARGATE_SPOT"},
		},
		{
			Name: "subnet", Title: "Subnets", Advanced: true,
			Description: "The subnets of the task, separated by commas. Fargate and the network mode awsvpc need them.",
			Examples:    []string{"subnet-0a1b2c3d,subnet-4e5f6a7b"},
		},
		{
			Name: "securityGroup", Title: "Security groups", Advanced: true,
			Description: "The security groups of the task, separated by commas. Without them, the default of the network.",
			Examples:    []string{"sg-0a1b2c3d"},
		},
		{
			Name: "assignPublicIp", Title: "Public address", Format: plugin.Boolean, Default: "false", Advanced: true,
			Description: "Gives the task a public address. On Fargate, a task in a public subnet needs it to pull its image.",
		},
		{
			Name: "platformVersion", Title: "Platform version", Advanced: true,
			Description: "The version of Fargate's platform. Without it, the newest one.",
			Examples:    []string{"1.4.0"},
		},
	}
}

func how() []plugin.Property {
	return []plugin.Property{
		{
			Name: "cpu", Title: "Processors", Advanced: true,
			Description: "The processors of the whole task, instead of those in the task definition: units of 1/1024, or a number with vCPU.",
			Examples:    []string{"512", "0.5 vCPU"},
		},
		{
			Name: "memory", Title: "Memory", Advanced: true,
			Description: "The memory of the whole task, instead of that in the task definition: MiB, or a number with MB or GB, without a space.",
			Examples:    []string{"1024", "2GB"},
		},
		{
			Name: "taskRole", Title: "Role of the task", Advanced: true,
			Description: "The ARN of the role that the task's containers have, instead of the one in the task definition.",
			Examples:    []string{"arn:aws:iam::123456789012:role/report"},
		},
		{
			Name: "executionRole", Title: "Role for the start", Advanced: true,
			Description: "The ARN of the role with which ECS pulls the image and writes the log, instead of the one in the task definition.",
			Examples:    []string{"arn:aws:iam::123456789012:role/ecsTaskExecutionRole"},
		},
		{
			Name: "tags", Title: "Tags", Advanced: true,
			Description: "Tags of the task, NAME=value, separated by commas.",
			Examples:    []string{"team=data,cost-center=42"},
		},
		{
			Name: "propagateTags", Title: "Tags of the task definition", Advanced: true, Enum: []string{"TASK_DEFINITION", "NONE"},
			Description: "TASK_DEFINITION gives the task the tags of its task definition.",
		},
		{
			Name: "enableExecuteCommand", Title: "ECS Exec", Format: plugin.Boolean, Default: "false", Advanced: true,
			Description: "Allows commands in the running container, by aws ecs execute-command.",
		},
		{
			Name: "logGroup", Title: "Log group", Advanced: true,
			Description: "The group of CloudWatch Logs from which the output is read. Without it, that of the task definition.",
			Examples:    []string{"/ecs/nightly-report"},
		},
		{
			Name: "pollInterval", Title: "Pause between looks", Format: plugin.Duration, Default: defaultPoll.String(), Advanced: true,
			Description: "How often the task's state and its log are read. At least 100ms.",
			Examples:    []string{"15s"},
		},
		{
			Name: "maxAttempts", Title: "Looks until the timeout", Format: plugin.Integer, Default: strconv.Itoa(defaultAttempts), Advanced: true,
			Description: "Without timeout, a task is stopped and times out after so many times 6 seconds, as in Dkron v4. 0 means no limit.",
		},
	}
}

func access() []plugin.Property {
	return []plugin.Property{
		{
			Name: "profile", Title: "Profile", Advanced: true,
			Description: "The profile in the agent's AWS files whose credentials are used. Without it, the usual order: environment, files, the role of the machine.",
			Examples:    []string{"batch"},
		},
		{
			Name: "assumeRole", Title: "Role to assume", Advanced: true,
			Description: "The ARN of a role that is assumed for all calls.",
			Examples:    []string{"arn:aws:iam::123456789012:role/dkron"},
		},
		{
			Name: "externalId", Title: "External id", Advanced: true,
			Description: "What the role to assume asks for, if it does.",
		},
		{
			Name: "endpoint", Title: "Address of ECS", Advanced: true,
			Description: "The address of the API of ECS, for private endpoints. Without it, that of the region.",
			Examples:    []string{"https://ecs.internal.example.com"},
		},
		{
			Name: "logsEndpoint", Title: "Address of CloudWatch Logs", Advanced: true,
			Description: "The address of the API of CloudWatch Logs, for private endpoints. Without it, that of the region.",
			Examples:    []string{"https://logs.internal.example.com"},
		},
	}
}
