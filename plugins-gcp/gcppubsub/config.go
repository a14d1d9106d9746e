package gcppubsub

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"dkron/plugin"
	"dkron/plugin/keys"
)

const (
	defaultTimeout = 15 * time.Second
	maxTimeout     = 100 * 365 * 24 * time.Hour // keeps arithmetic with instants in range
	// launchAttribute is the attribute by which receivers recognise a repetition.
	launchAttribute = "dkron-launch-id"
)

// The service's own limits.
const (
	maxData       = 10 << 20
	maxAttributes = 100
	maxName       = 256
	maxValue      = 1024
)

// config is a job's configuration, checked as far as possible without the service.
type config struct {
	*keys.Config

	project, topic string
	message        *pubsubpb.PubsubMessage
	access         access
	timeout        time.Duration
}

func parse(m map[string]string) *config {
	c := &config{Config: keys.Read(m), project: m["project"], topic: m["topic"], message: &pubsubpb.PubsubMessage{OrderingKey: m["orderingKey"]}}
	if c.project == "" {
		c.hopeless("project", "missing project", "is empty; it must be the id of a project")
	}
	switch {
	case c.topic == "":
		c.hopeless("topic", "missing topic", "is empty; it must be the id of a topic")
	case !topicName.MatchString(c.topic):
		c.hopeless("topic", "", "is not the id of a topic, so every execution fails; it has 3 to 255 letters, digits and - . _ ~ + %%, and begins with a letter")
	}
	c.parseMessage(m)
	c.timeout = c.seconds(m["timeout"])
	c.access.credentials = m["credentialsFile"]
	c.parseEndpoint(m["endpoint"])
	return c
}

// topicName is the id of a topic, perhaps with its project before it.
var topicName = regexp.MustCompile(`^(projects/[^/]+/topics/)?[A-Za-z][A-Za-z0-9._~+%-]{2,254}$`)

// topicPath is the topic's whole name.
func (c *config) topicPath() string {
	if strings.HasPrefix(c.topic, "projects/") {
		return c.topic
	}
	return "projects/" + c.project + "/topics/" + c.topic
}

// hopeless reports why every execution fails: with the error failure, or with the key and the text if that is empty.
func (c *config) hopeless(key, failure, format string, args ...any) {
	var err error
	if failure != "" {
		err = errors.New(failure)
	}
	c.Fault(key, plugin.Hopeless, err, format, args...)
}

func (c *config) parseMessage(m map[string]string) {
	const convert = "convert config to pubsub message: "
	if m["data"] == "" && m["attributes"] == "" {
		c.hopeless("data", convert+"at least one of these fields should be set 'attributes, data'", "and attributes are both empty, so every execution fails; set one of them")
	}
	if text := m["attributes"]; text != "" {
		if err := json.Unmarshal([]byte(text), &c.message.Attributes); err != nil {
			c.hopeless("attributes", convert+"invalid attributes JSON: "+err.Error(), `is not a JSON object of strings, so every execution fails; write it like {"name": "value"}`)
		}
	}
	data, err := base64.StdEncoding.DecodeString(m["data"])
	if err != nil {
		c.hopeless("data", convert+"invalid encoded data: "+err.Error(), "is not base64 (%v), so every execution fails; encode it, for example with base64 -w0", err)
	}
	c.message.Data = data
	c.checkLimits()
}

// checkLimits finds what the service refuses.
func (c *config) checkLimits() {
	if len(c.message.Data) > maxData {
		c.hopeless("data", "", "is larger than 10 MiB, which is the most that a message can have, so every execution fails")
	}
	if len(c.message.OrderingKey) > maxValue {
		c.hopeless("orderingKey", "", "is longer than %d bytes, so every execution fails", maxValue)
	}
	if len(c.message.Attributes) >= maxAttributes { // and ours
		c.hopeless("attributes", "", "has more than %d entries, so every execution fails", maxAttributes-1)
	}
	for name, value := range c.message.Attributes {
		switch {
		case name == "" || len(name) > maxName:
			c.hopeless("attributes", "", "has a name that is empty or longer than %d bytes, so every execution fails", maxName)
		case len(value) > maxValue:
			c.hopeless("attributes", "", "has a value that is longer than %d bytes, so every execution fails: that of %s", maxValue, plugin.Shown(name))
		case strings.HasPrefix(name, "goog"):
			c.hopeless("attributes", "", "has the name %s, so every execution fails: names that begin with goog belong to the service", plugin.Shown(name))
		}
	}
}

// parseEndpoint reads where the service is: host and port, with http:// for an emulator, which has neither TLS nor users.
func (c *config) parseEndpoint(text string) {
	if text == "" {
		return
	}
	addr, plain := strings.CutPrefix(text, "http://")
	if !plain {
		addr = strings.TrimPrefix(text, "https://")
	}
	addr = strings.TrimSuffix(addr, "/")
	if !strings.Contains(addr, ":") && !plain && addr != "" {
		addr += ":443"
	}
	host, port, err := net.SplitHostPort(addr)
	if _, unknown := net.LookupPort("tcp", port); err != nil || host == "" || port == "" || unknown != nil || strings.Contains(addr, "/") {
		c.hopeless("endpoint", "", "is not host:port, so every execution fails; for an emulator write http:// before it")
		return
	}
	if plain && c.access.credentials != "" {
		c.Warn("credentialsFile", "is not used, since endpoint is that of an emulator; remove it, or http:// in endpoint")
		c.access.credentials = ""
	}
	c.access.endpoint, c.access.plain = addr, plain
}

// seconds reads the timeout: whole seconds, none if not positive.
func (c *config) seconds(text string) time.Duration {
	if text == "" {
		return defaultTimeout
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		c.Warn("timeout", `%s is not a number of seconds, using %d; write whole seconds, such as "15"`, plugin.Shown(text), int(defaultTimeout.Seconds()))
		return defaultTimeout
	case n < 0:
		c.Warn("timeout", `%d means that there is no limit; write "0" for that, or whole seconds, such as "15"`, n)
		return 0
	case n > 0 && n%1000 == 0:
		c.Warn("timeout", `%d is a number of seconds; if you mean milliseconds, write "%d"`, n, n/1000)
	}
	return min(time.Duration(min(int64(n), int64(maxTimeout/time.Second)))*time.Second, maxTimeout)
}
