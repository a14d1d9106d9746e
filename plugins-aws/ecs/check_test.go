package ecs

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
)

func TestCheckSaysWhatIsWrongAndWhatWouldBeRight(t *testing.T) {
	fine := map[string]string{"taskdefName": "report", "subnet": "subnet-1"}
	for name, x := range map[string]struct {
		config   map[string]string // added to one that is fine
		text     string            // key and text of the problem
		severity plugin.Severity
	}{
		"nothing":             {map[string]string{"taskdefName": ""}, `taskdefName is empty; write a task definition, such as "nightly-report"`, plugin.Hopeless},
		"two names":           {map[string]string{"taskdefName": "a, b"}, "taskdefName is not the name of one task definition", plugin.Hopeless},
		"both":                {map[string]string{"taskdefBody": `{"family":"f","containerDefinitions":[{"name":"c"}]}`}, "taskdefBody is used, and taskdefName is not", plugin.Odd},
		"no JSON":             {map[string]string{"taskdefName": "", "taskdefBody": "family: x"}, "taskdefBody is not a task definition in JSON: invalid character", plugin.Hopeless},
		"wrong type":          {map[string]string{"taskdefName": "", "taskdefBody": `{"family":"f","cpu":256}`}, "taskdefBody has a number in Cpu, which must be a string", plugin.Hopeless},
		"no family":           {map[string]string{"taskdefName": "", "taskdefBody": `{"containerDefinitions":[{"name":"c"}]}`}, "taskdefBody has no family", plugin.Hopeless},
		"wrapped":             {map[string]string{"taskdefName": "", "taskdefBody": `{"family":"f"}`}, "taskdefBody has no containerDefinitions", plugin.Hopeless},
		"no name":             {map[string]string{"taskdefName": "", "taskdefBody": `{"family":"f","containerDefinitions":[{"image":"i"}]}`}, "taskdefBody has a container without a name", plugin.Hopeless},
		"misspelt":            {map[string]string{"taskdefName": "", "taskdefBody": `{"family":"f","familie":1,"containerDefinitions":[{"name":"c"}]}`}, `taskdefBody has a field that no registration has, which is ignored: unknown field "familie"`, plugin.Odd},
		"operator":            {map[string]string{"command": "a | b"}, `command has the operator "|"`, plugin.Odd},
		"two commands":        {map[string]string{"command": "a", "overrides": "b"}, "overrides is not used, since command is set", plugin.Odd},
		"env":                 {map[string]string{"env": "A=1,B"}, `env has an entry without a name and "="`, plugin.Odd},
		"fargate":             {map[string]string{"fargate": "perhaps"}, `fargate "perhaps" is neither yes nor no`, plugin.Odd},
		"contradiction":       {map[string]string{"fargate": "yes", "launchType": "EC2"}, "fargate is not used, since launchType is EC2", plugin.Odd},
		"launch type":         {map[string]string{"launchType": "fargate"}, `launchType is "fargate"; write EC2, FARGATE or EXTERNAL`, plugin.Hopeless},
		"provider":            {map[string]string{"launchType": "EC2", "capacityProvider": "x"}, "capacityProvider is set beside a launch type", plugin.Hopeless},
		"no subnet":           {map[string]string{"fargate": "yes", "subnet": ""}, "subnet is empty, and a task on Fargate needs a network", plugin.Hopeless},
		"useless group":       {map[string]string{"subnet": "", "securityGroup": "sg-1"}, "subnet is empty, so securityGroup and assignPublicIp are not used", plugin.Odd},
		"subnet":              {map[string]string{"subnet": "10.0.0.0/8"}, `subnet has "10.0.0.0/8", which does not look like an id`, plugin.Odd},
		"cpu":                 {map[string]string{"cpu": "two"}, `cpu "two" is not a number of processors`, plugin.Hopeless},
		"memory":              {map[string]string{"memory": "2 GB"}, "memory is not a size (", plugin.Hopeless},
		"little memory":       {map[string]string{"memory": "1KB"}, `memory "1KB" is less than ECS accepts`, plugin.Hopeless},
		"role":                {map[string]string{"taskRole": "report"}, "taskRole is not the ARN of a role", plugin.Hopeless},
		"role to assume":      {map[string]string{"assumeRole": "dkron"}, "assumeRole is not the ARN of a role", plugin.Hopeless},
		"external id":         {map[string]string{"externalId": "x"}, "externalId is not used without assumeRole", plugin.Odd},
		"tags":                {map[string]string{"tags": "aws:x=1"}, `tags has "aws:x", and ECS refuses names that begin with aws:`, plugin.Hopeless},
		"propagate":           {map[string]string{"propagateTags": "SERVICE"}, "propagateTags is SERVICE, and the task has no service", plugin.Hopeless},
		"timeout":             {map[string]string{"timeout": "10"}, `timeout "10" is not a duration; write one such as 90s or 1h30m`, plugin.Hopeless},
		"both limits":         {map[string]string{"timeout": "1h", "maxAttempts": "10"}, "maxAttempts is not used, since timeout is set", plugin.Odd},
		"attempts":            {map[string]string{"maxAttempts": "x"}, `maxAttempts "x" is not a number, using 2000`, plugin.Odd},
		"poll":                {map[string]string{"pollInterval": "1ms"}, "pollInterval is less than the least, using 100ms", plugin.Odd},
		"endpoint":            {map[string]string{"endpoint": "ecs.example.com"}, "endpoint is not the address of an API", plugin.Hopeless},
		"one endpoint":        {map[string]string{"endpoint": "https://ecs.example.com"}, "logsEndpoint is empty, although endpoint is set", plugin.Odd},
		"debug that is false": {map[string]string{"debug": "false"}, `debug is on for any value, even "false"`, plugin.Odd},
	} {
		t.Run(name, func(t *testing.T) {
			config := maps.Clone(fine)
			maps.Copy(config, x.config)
			problems := New().Check(config)
			if len(problems) == 0 || !strings.HasPrefix(problems[0].Key+" "+problems[0].Text, x.text) || problems[0].Severity != x.severity {
				t.Fatalf("got %+v, want %q", problems, x.text)
			}
		})
	}
	for _, config := range []map[string]string{
		{"taskdefName": "arn:aws:ecs:eu-west-1:123456789012:task-definition/report:3", "fargate": "yes", "subnet": "subnet-1", "cpu": ".25 vCPU", "memory": "512"},
		{"taskdefBody": `{"family":"f","containerDefinitions":[{"name":"c","image":"i","essential":true,"memory":64,"portMappings":[{"containerPort":80}]}]}`, "launchType": "EC2"},
	} {
		if problems := New().Check(config); len(problems) > 0 {
			t.Errorf("a good configuration has problems: %+v", problems)
		}
	}
}

func TestTheLimitOfV4AppliesWithoutATimeout(t *testing.T) {
	for _, x := range []struct {
		config map[string]string
		want   time.Duration
	}{
		{nil, 12000 * time.Second},
		{map[string]string{"maxAttempts": "10"}, time.Minute},
		{map[string]string{"maxAttempts": "0"}, 0},
		{map[string]string{"timeout": "0s"}, 0},
		{map[string]string{"timeout": "1h30m"}, 90 * time.Minute},
	} {
		if got := parse(x.config).timeout; got != x.want {
			t.Errorf("%v: %v, want %v", x.config, got, x.want)
		}
	}
}

// Every key that is read is described.
func TestEachKeyIsDescribed(t *testing.T) {
	var s struct {
		Properties map[string]struct{ Description, Format string }
	}
	if err := json.Unmarshal(New().Describe(), &s); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"taskdefName", "taskdefBody", "region", "cluster", "service", "overrides", "command", "env", "logGroup", "fargate", "launchType", "capacityProvider",
		"securityGroup", "subnet", "assignPublicIp", "platformVersion", "cpu", "memory", "taskRole", "executionRole", "tags", "propagateTags", "enableExecuteCommand",
		"timeout", "maxAttempts", "pollInterval", "profile", "assumeRole", "externalId", "endpoint", "logsEndpoint", "debug"} {
		if s.Properties[key].Description == "" {
			t.Errorf("%s is not described", key)
		}
		delete(s.Properties, key)
	}
	if len(s.Properties) > 0 {
		t.Errorf("nobody reads %v", s.Properties)
	}
}
