package docker

import (
	"encoding/base64"
	"errors"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/distribution/reference"
	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// When an image is fetched.
const (
	pullAlways  = "always"
	pullMissing = "missing"
	pullNever   = "never"
)

const (
	// defaultGrace is the default time between the request to end and the kill.
	defaultGrace = 5 * time.Second
	// maxGrace is less than what an agent waits for a plugin that was told to stop.
	maxGrace   = 8 * time.Second
	maxTimeout = 100 * 365 * 24 * time.Hour // keeps arithmetic with instants in range
	// minMemory is the least that engines accept.
	minMemory = 6 << 20
)

// config is a job's configuration, checked as far as possible without the engine.
type config struct {
	*keys.Config

	image                string
	command, entrypoint  []string
	env, volumes         []string
	labels               map[string]string
	pull                 string
	platform             *ocispec.Platform
	payload              []byte
	memory, nanoCPUs     int64 // 0: no limit
	timeout, grace       time.Duration
	remove, privileged   bool
	user, password       string // of the registry
	token                string // of the registry
	host                 string // of the engine; empty: the node's
	tls                  keys.TLS
	named                string
	network, as, workdir string
}

// containerName is what engines accept.
var containerName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`)

// parse reads a configuration.
func parse(values map[string]string) *config {
	c := &config{Config: keys.Read(values)}
	c.image = c.Required("image", `write an image, such as "alpine:3.22"`)
	if _, err := reference.ParseNormalizedNamed(c.image); err != nil && c.image != "" {
		c.Fault("image", plugin.Hopeless, nil, "is not the name of an image (%s); write one such as alpine:3.22 or registry.example.com/team/report:1.4", keys.Short(err.Error()))
	}
	c.command, c.entrypoint = c.words("command"), c.words("entrypoint")
	c.what()
	c.limits()
	c.where()
	c.Debug()
	return c
}

// words splits a command line.
func (c *config) words(key string) []string {
	words, err := keys.Words(c.Text(key))
	switch operator := keys.OperatorError(0); {
	case errors.As(err, &operator):
		c.Fault(key, plugin.Odd, nil, `has the operator %q, and no shell would see it; quote it, or set entrypoint to "/bin/sh -c" and put the command in quotes`, string(rune(operator)))
	case err != nil:
		c.Fault(key, plugin.Odd, nil, "has a quote, bracket or backslash without its end; complete it")
	}
	return words
}

// what reads what the container is and gets.
func (c *config) what() {
	c.env = c.entries("env")
	c.labels = make(map[string]string)
	for _, entry := range c.entries("labels") {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, labelPrefix) {
			c.Warn("labels", "has %s, which is ignored; the executor sets labels that begin with %s itself", plugin.Shown(name), labelPrefix)
			continue
		}
		c.labels[name] = value
	}
	c.volumes = keys.List(c.Text("volumes"))
	for _, v := range c.volumes {
		parts := strings.Split(v, ":")
		if len(parts) == 4 && len(parts[0]) == 1 { // a drive of Windows
			parts = append([]string{parts[0] + ":" + parts[1]}, parts[2:]...)
		}
		if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || parts[1] == "" {
			c.Fault("volumes", plugin.Hopeless, nil, "has the entry %s, which is not host:container; write such as /srv/data:/data or /srv/data:/data:ro", plugin.Shown(v))
		} else if strings.HasPrefix(parts[0], ".") || strings.Contains(parts[0], "/") && !path.IsAbs(parts[0]) {
			c.Fault("volumes", plugin.Hopeless, nil, "has the folder %s, which is not absolute; write a path that begins with /, or the name of a volume", plugin.Shown(parts[0]))
		}
	}
	payload, err := base64.StdEncoding.DecodeString(c.Text("payload"))
	if err != nil {
		c.Fault("payload", plugin.Odd, nil, "is not base64, so every execution fails: %s", err)
	}
	c.payload = payload
	c.named = c.Text("name")
	if c.named != "" && !containerName.MatchString(c.named) {
		c.Fault("name", plugin.Hopeless, nil, "is not the name of a container: letters, digits, _ . and - after a letter or digit")
	}
	c.as, c.workdir, c.network = c.Text("user"), c.Text("workdir"), c.Text("network")
	c.remove, c.privileged = c.Bool("remove", true), c.Bool("privileged", false)
	if text := c.Text("platform"); text != "" {
		parts := strings.Split(text, "/")
		if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || parts[1] == "" {
			c.Fault("platform", plugin.Hopeless, nil, "is not system/architecture; write such as linux/amd64 or linux/arm64")
			return
		}
		c.platform = &ocispec.Platform{OS: parts[0], Architecture: parts[1]}
		if len(parts) == 3 {
			c.platform.Variant = parts[2]
		}
	}
}

// entries reads a list of NAME=value.
func (c *config) entries(key string) []string {
	entries, ignored := keys.Entries(c.Text(key))
	if len(ignored) > 0 {
		c.Warn(key, `has an entry without a name and "=", which is ignored; write NAME=value,OTHER=value, and a comma in a value as \,`)
	}
	return entries
}

// limits reads how long and how much.
func (c *config) limits() {
	c.timeout = c.duration("timeout", 0, "such as 90s or 1h30m")
	if c.timeout > maxTimeout {
		c.timeout = maxTimeout
	}
	c.grace = c.duration("stopTimeout", defaultGrace, "such as 5s")
	if c.grace > maxGrace {
		c.Warn("stopTimeout", "%s is longer than the agent waits for a plugin, using %s", c.grace, maxGrace)
		c.grace = maxGrace
	}
	if text := c.Text("memory"); text != "" {
		n, err := keys.Size(text)
		switch {
		case err != nil:
			c.Fault("memory", plugin.Hopeless, nil, "is not a size (%s); write such as 512MB", err)
		case n < minMemory:
			c.Fault("memory", plugin.Hopeless, nil, "%s is less than an engine accepts; write at least 6MB", plugin.Shown(text))
		}
		c.memory = n
	}
	if text := c.Text("cpus"); text != "" {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n >= 0.01 && n <= 10_000) {
			c.Fault("cpus", plugin.Hopeless, nil, "%s is not a number of processors; write such as 0.5 or 2", plugin.Shown(text))
		} else {
			c.nanoCPUs = int64(n * 1e9)
		}
	}
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

// where reads where the image and the engine are.
func (c *config) where() {
	c.pull = c.Text("pull")
	switch c.pull {
	case "":
		c.pull = pullMissing
	case pullAlways, pullMissing, pullNever:
	default:
		c.Fault("pull", plugin.Hopeless, nil, "is %s; write always, missing or never", plugin.Shown(c.pull))
	}
	c.user, c.password, c.token = c.Text("registryUser"), c.Text("registryPassword"), c.Text("registryToken")
	switch {
	case c.user == "" && c.password != "":
		c.Fault("registryPassword", plugin.Odd, nil, "is set without registryUser, so every pull fails; set both or none")
	case c.user != "" && c.password == "":
		c.Fault("registryUser", plugin.Odd, nil, "is set without registryPassword, so every pull fails; set both or none")
	case c.user != "" && c.token != "":
		c.Warn("registryToken", "is not used, since registryUser is set; leave one of them out")
		c.token = ""
	}
	c.host, c.tls = c.Text("host"), c.TLS("tlsNoVerifyPeer")
	scheme, rest, ok := strings.Cut(c.host, "://")
	switch {
	case c.host == "":
		if !c.tls.IsZero() {
			c.Warn("host", "is empty, so the keys of TLS are not used; write such as tcp://engine.example.com:2376")
		}
	case !ok || rest == "":
		c.Fault("host", plugin.Hopeless, nil, "is not the address of an engine; write such as unix:///var/run/docker.sock or tcp://engine.example.com:2376")
	case scheme != "unix" && scheme != "tcp" && scheme != "npipe":
		c.Fault("host", plugin.Hopeless, nil, "has the scheme %s, which is not supported; write unix://, tcp:// or npipe://", plugin.Shown(scheme))
	default:
		if _, err := client.ParseHostURL(c.host); err != nil {
			c.Fault("host", plugin.Hopeless, nil, "is not the address of an engine (%s)", keys.Short(err.Error()))
		}
		if c.tls.IsZero() && scheme == "tcp" && strings.HasSuffix(rest, ":2376") {
			c.Warn("host", "has the port for TLS, and no key of TLS is set; set tlsRootCAsFile, tlsCertificateFile and tlsCertificateKeyFile")
		}
	}
}
