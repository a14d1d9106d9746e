package ecs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const (
	defaultCluster  = "default"
	defaultPoll     = 6 * time.Second
	minPoll         = 100 * time.Millisecond
	defaultAttempts = 2000
	attempt         = 6 * time.Second            // what one of maxAttempts is
	maxTimeout      = 100 * 365 * 24 * time.Hour // keeps arithmetic with instants in range
)

// config is a job's configuration, checked as far as possible without AWS.
type config struct {
	*keys.Config

	named     string // family, family:revision or ARN; empty: body
	body      *ecs.RegisterTaskDefinitionInput
	bodySum   string // of the text of body
	cluster   string
	container string // empty: the only one
	command   []string
	env       []string

	launchType    types.LaunchType
	provider      string
	network       *types.AwsVpcConfiguration // nil: none
	platform      string
	cpu, memory   string // in ECS's units; empty: those of the definition
	taskRole      string
	executionRole string
	tags          []types.Tag
	propagate     types.PropagateTags
	allowsExec    bool
	logGroup      string
	timeout, poll time.Duration
	account       account
}

// parse reads a configuration.
func parse(values map[string]string) *config {
	c := &config{Config: keys.Read(values)}
	c.defined()
	c.overrides()
	c.placed()
	c.limits()
	c.tagged()
	c.logGroup = c.Text("logGroup")
	c.accessed()
	c.Debug()
	return c
}

// defined reads which task definition is meant.
func (c *config) defined() {
	c.named, c.cluster, c.container = c.Text("taskdefName"), c.Text("cluster"), c.Text("service")
	if c.cluster == "" {
		c.cluster = defaultCluster
	}
	text := c.Text("taskdefBody")
	switch {
	case text == "":
		if c.named == "" {
			c.Fault("taskdefName", plugin.Hopeless, errors.New("taskdefName is empty"), `is empty; write a task definition, such as "nightly-report" or "nightly-report:12", or one as JSON in taskdefBody`)
		} else if strings.ContainsAny(c.named, " \t\n,") {
			c.Fault("taskdefName", plugin.Hopeless, nil, "is not the name of one task definition; write family, family:revision or an ARN")
		}
		return
	case c.named != "":
		c.Warn("taskdefBody", "is used, and taskdefName is not; leave one of them out")
		c.named = ""
	}
	body := new(ecs.RegisterTaskDefinitionInput)
	wrong := (*json.UnmarshalTypeError)(nil)
	if err := json.Unmarshal([]byte(text), body); errors.As(err, &wrong) {
		c.Fault("taskdefBody", plugin.Hopeless, nil, "has a %s in %s, which must be a %s; see aws ecs register-task-definition", wrong.Value, wrong.Field, wrong.Type.Kind())
		return
	} else if err != nil {
		c.Fault("taskdefBody", plugin.Hopeless, nil, "is not a task definition in JSON: %s", keys.Short(strings.TrimPrefix(err.Error(), "json: ")))
		return
	}
	switch {
	case aws.ToString(body.Family) == "":
		c.Fault("taskdefBody", plugin.Hopeless, nil, `has no family; write a name, such as "family": "nightly-report"`)
	case len(body.ContainerDefinitions) == 0:
		c.Fault("taskdefBody", plugin.Hopeless, nil, "has no containerDefinitions; write at least one, with name and image")
	default:
		for _, container := range body.ContainerDefinitions {
			if aws.ToString(container.Name) == "" {
				c.Fault("taskdefBody", plugin.Hopeless, nil, "has a container without a name; each needs one")
				return
			}
		}
		c.misspelt(text)
	}
	sum := sha256.Sum256([]byte(text))
	c.body, c.bodySum = body, hex.EncodeToString(sum[:])
}

// misspelt warns of fields of a task definition that nobody would see.
func (c *config) misspelt(text string) {
	strict := json.NewDecoder(strings.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(new(ecs.RegisterTaskDefinitionInput)); err != nil {
		c.Warn("taskdefBody", "has a field that no registration has, which is ignored: %s", keys.Short(strings.TrimPrefix(err.Error(), "json: ")))
	}
}

// overrides reads what the container gets.
func (c *config) overrides() {
	words, err := keys.Words(c.Text("command"))
	switch operator := keys.OperatorError(0); {
	case errors.As(err, &operator):
		c.Fault("command", plugin.Odd, nil, `has the operator %q, and no shell would see it; quote it, and begin with sh -c`, string(rune(operator)))
	case err != nil:
		c.Fault("command", plugin.Odd, nil, "has a quote, bracket or backslash without its end; complete it")
	}
	c.command = words
	if list := keys.List(c.Text("overrides")); len(list) > 0 && len(words) > 0 {
		c.Warn("overrides", "is not used, since command is set; leave one of them out")
	} else if len(list) > 0 {
		c.command = list
	}
	c.env = c.entries("env")
	c.cpu, c.memory = c.units(), c.mebibytes()
	c.taskRole, c.executionRole = c.role("taskRole"), c.role("executionRole")
	c.allowsExec = c.Bool("enableExecuteCommand", false)
}

// entries reads a list of NAME=value.
func (c *config) entries(key string) []string {
	entries, ignored := keys.Entries(c.Text(key))
	if len(ignored) > 0 {
		c.Warn(key, `has an entry without a name and "=", which is ignored; write NAME=value,OTHER=value, and a comma in a value as \,`)
	}
	return entries
}

var (
	digits = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)
	vCPU   = regexp.MustCompile(`(?i)^([0-9]*\.?[0-9]+) ?vcpu$`)
	role   = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`)
)

// units reads the processors of a task, as ECS counts them.
func (c *config) units() string {
	text := c.Text("cpu")
	if text == "" || digits.MatchString(text) {
		return text
	}
	if found := vCPU.FindStringSubmatch(text); found != nil {
		if n, err := strconv.ParseFloat(found[1], 64); err == nil && n >= 0.01 && n <= 10_000 {
			return strconv.Itoa(int(n * 1024))
		}
	}
	c.Fault("cpu", plugin.Hopeless, nil, "%s is not a number of processors; write units of 1/1024, such as 512, or such as 0.5 vCPU", plugin.Shown(text))
	return ""
}

// mebibytes reads the memory of a task, as ECS counts it.
func (c *config) mebibytes() string {
	text := c.Text("memory")
	if text == "" || digits.MatchString(text) {
		return text
	}
	n, err := keys.Size(text)
	switch {
	case err != nil:
		c.Fault("memory", plugin.Hopeless, nil, "is not a size (%s); write MiB, such as 1024, or such as 2GB", err)
	case n < 4<<20:
		c.Fault("memory", plugin.Hopeless, nil, "%s is less than ECS accepts; write MiB, such as 1024, or such as 2GB", plugin.Shown(text))
	}
	return strconv.FormatInt(n>>20, 10)
}

// role reads the ARN of a role.
func (c *config) role(key string) string {
	text := c.Text(key)
	if text != "" && !role.MatchString(text) {
		c.Fault(key, plugin.Hopeless, nil, "is not the ARN of a role; write such as arn:aws:iam::123456789012:role/name")
	}
	return text
}

// placed reads where the task runs.
func (c *config) placed() {
	c.launchType, c.provider, c.platform = types.LaunchType(c.Text("launchType")), c.Text("capacityProvider"), c.Text("platformVersion")
	switch c.launchType {
	case "", types.LaunchTypeEc2, types.LaunchTypeFargate, types.LaunchTypeExternal:
	default:
		c.Fault("launchType", plugin.Hopeless, nil, "is %s; write EC2, FARGATE or EXTERNAL", plugin.Shown(string(c.launchType)))
	}
	switch text := c.Text("fargate"); strings.ToLower(text) {
	case "", "no", "false":
	case "yes", "true":
		if c.launchType != "" && c.launchType != types.LaunchTypeFargate {
			c.Warn("fargate", "is not used, since launchType is %s; leave one of them out", c.launchType)
		} else {
			c.launchType = types.LaunchTypeFargate
		}
	default:
		c.Warn("fargate", "%s is neither yes nor no, and means no", plugin.Shown(text))
	}
	if c.provider != "" && c.launchType != "" {
		c.Fault("capacityProvider", plugin.Hopeless, nil, "is set beside a launch type, which ECS refuses; leave out launchType and fargate")
	}
	subnets, groups := c.ids("subnet", "subnet-"), c.ids("securityGroup", "sg-")
	public := c.Bool("assignPublicIp", false)
	if len(subnets) > 0 {
		c.network = &types.AwsVpcConfiguration{Subnets: subnets, SecurityGroups: groups}
		if public {
			c.network.AssignPublicIp = types.AssignPublicIpEnabled
		}
		return
	}
	if c.launchType == types.LaunchTypeFargate || strings.HasPrefix(c.provider, "FARGATE") {
		c.Fault("subnet", plugin.Hopeless, nil, "is empty, and a task on Fargate needs a network; write at least one, such as subnet-0a1b2c3d")
	} else if len(groups) > 0 || public {
		c.Warn("subnet", "is empty, so securityGroup and assignPublicIp are not used; write at least one, such as subnet-0a1b2c3d")
	}
}

// ids reads a list of ids of Amazon's network.
func (c *config) ids(key, prefix string) (ids []string) {
	for _, id := range keys.List(c.Text(key)) {
		id = strings.TrimSpace(id)
		if !strings.HasPrefix(id, prefix) {
			c.Warn(key, "has %s, which does not look like an id; write such as %s0a1b2c3d", plugin.Shown(id), prefix)
		}
		ids = append(ids, id)
	}
	return ids
}

// limits reads how long and how often.
func (c *config) limits() {
	c.poll = c.duration("pollInterval", defaultPoll, "such as 6s")
	if c.poll < minPoll {
		c.Warn("pollInterval", "is less than the least, using %s", minPoll)
		c.poll = minPoll
	}
	attempts := defaultAttempts
	if text := c.Text("maxAttempts"); text != "" {
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			c.Warn("maxAttempts", `%s is not a number, using %d; write such as "100", or a timeout instead`, plugin.Shown(text), defaultAttempts)
		case c.Text("timeout") != "":
			c.Warn("maxAttempts", "is not used, since timeout is set; leave it out")
		default:
			attempts = min(max(n, 0), int(maxTimeout/attempt))
		}
	}
	c.timeout = min(c.duration("timeout", time.Duration(attempts)*attempt, "such as 90s or 1h30m"), maxTimeout)
}

// duration reads a duration; without is what a missing one means.
func (c *config) duration(key string, without time.Duration, example string) time.Duration {
	text := c.Text(key)
	if text == "" {
		return without
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		c.Fault(key, plugin.Hopeless, nil, "%s is not a duration; write one %s", plugin.Shown(text), example)
		return without
	}
	if d < 0 {
		c.Warn(key, "%s is negative and means 0; write a positive duration %s", d, example)
		return 0
	}
	return d
}

// tagged reads the tags of the task.
func (c *config) tagged() {
	for _, entry := range c.entries("tags") {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(strings.ToLower(name), "aws:") {
			c.Fault("tags", plugin.Hopeless, nil, "has %s, and ECS refuses names that begin with aws:; use another name", plugin.Shown(name))
		}
		c.tags = append(c.tags, types.Tag{Key: aws.String(name), Value: aws.String(value)})
	}
	c.propagate = types.PropagateTags(c.Text("propagateTags"))
	switch c.propagate {
	case "", types.PropagateTagsTaskDefinition, types.PropagateTagsNone:
	case types.PropagateTagsService:
		c.Fault("propagateTags", plugin.Hopeless, nil, "is SERVICE, and the task has no service; write TASK_DEFINITION or NONE")
	default:
		c.Fault("propagateTags", plugin.Hopeless, nil, "is %s; write TASK_DEFINITION or NONE", plugin.Shown(string(c.propagate)))
	}
}

// accessed reads how AWS is reached.
func (c *config) accessed() {
	c.account = account{
		region: c.Text("region"), profile: c.Text("profile"), role: c.role("assumeRole"), externalID: c.Text("externalId"),
		endpoint: c.address("endpoint"), logs: c.address("logsEndpoint"),
	}
	if c.account.externalID != "" && c.account.role == "" {
		c.Warn("externalId", "is not used without assumeRole; set it, or leave this one out")
	}
	if c.account.endpoint != "" && c.account.logs == "" {
		c.Warn("logsEndpoint", "is empty, although endpoint is set, so the log is read from AWS's own address; set both if that is not meant")
	}
}

// address reads the address of an API.
func (c *config) address(key string) string {
	text := c.Text(key)
	if text == "" {
		return ""
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		c.Fault(key, plugin.Hopeless, nil, "is not the address of an API; write such as https://ecs.internal.example.com")
	}
	return text
}
