package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Validate checks everything that does not depend on the machine. Its error has a line for each problem.
func (c *Config) Validate() error {
	return errors.Join(slices.Concat(
		c.validateTLS(), c.validateChoices(), c.validateRanges(), c.validateDurations(), c.validateCalls(),
		c.validateCluster(), c.validateTags(), c.validateOrigins(), c.validateReceivers(), c.validateRunning(), c.validateSecrets(),
		c.validateOIDC(), c.validateProxies(), c.validateHeader(),
	)...)
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9._-]*$`)

// soften corrects values that are better corrected than refused, and warns of that and of likely mistakes.
func (c *Config) soften() (warnings []string) {
	levels := []string{"trace", "debug", "info", "warn", "error", "fatal", "panic"}
	if !slices.Contains(levels, c.LogLevel) {
		warnings = append(warnings, fmt.Sprintf("%s: unknown level %q, using info; choose one of %s",
			c.label("log-level"), c.LogLevel, strings.Join(levels, ", ")))
		c.LogLevel = "info"
	}
	if !plainName.MatchString(c.NodeName) {
		warnings = append(warnings, fmt.Sprintf("%s: %q has characters other than letters, digits, '.', '_' and '-'",
			c.label("node-name"), c.NodeName))
	}
	if len(c.Join) > 0 && len(c.RetryJoin) > 0 {
		warnings = append(warnings, c.label("join")+": ignored, because --retry-join is set")
	}
	if c.EncryptMode == "send" || c.EncryptMode == "accept" {
		warnings = append(warnings, c.label("encrypt-mode")+": gossip without encryption is accepted; leave this out once all nodes have a key")
	}
	warnings = append(append(warnings, c.warnOfSecret()...), c.warnOfHeader()...)
	return append(warnings, c.replaceTags()...)
}

// label names a setting for messages, and its origin if that is not its flag.
func (c *Config) label(name string) string {
	s := find(name)
	if s == nil {
		return name
	}
	return labelOf(s, c.from[name])
}

func labelOf(s *setting, o origin) string {
	label := s.name
	if !s.fileOnly {
		label = "--" + s.flag()
	}
	if o.where != "" && o.where != label {
		label += " (" + o.where + ")"
	}
	return label
}

// Problem returns an error that names a setting, and where it comes from.
func (c *Config) Problem(name, text string) error { return c.problem(name, "%s", text) }

// problem is an error that begins with the setting's label.
func (c *Config) problem(name, format string, args ...any) error {
	return fmt.Errorf("%s: %s", c.label(name), fmt.Sprintf(format, args...))
}

// validateTLS refuses settings of which one makes sense only with another.
func (c *Config) validateTLS() (problems []error) {
	for _, needs := range []struct {
		name string
		set  bool
		by   string
		has  bool
	}{
		{"cert-file", c.CertFile != "", "key-file", c.KeyFile != ""},
		{"key-file", c.KeyFile != "", "cert-file", c.CertFile != ""},
		{"trusted-ca-file", c.TrustedCAFile != "", "cert-file", c.CertFile != ""},
		{"client-crl-file", c.ClientCRLFile != "", "trusted-ca-file", c.TrustedCAFile != ""},
		{"client-cert-auth", c.ClientCertAuth, "trusted-ca-file", c.TrustedCAFile != ""},
		{"require-tls", c.RequireTLS, "trusted-ca-file", c.TrustedCAFile != "" || c.secretGiven()},
	} {
		if needs.set && !needs.has {
			problems = append(problems, c.problem(needs.name, "--%s is missing, without which it protects nothing", needs.by))
		}
	}
	problems = append(problems, c.validateSecret()...)
	if c.ClientCertAuth && c.DisableHTTPTLS {
		problems = append(problems, c.problem("client-cert-auth", "it has no effect with --disable-http-tls; leave one of them out"))
	}
	return problems
}

func (c *Config) validateChoices() (problems []error) {
	if (c.Username == "") != (c.Password == "") {
		problems = append(problems, c.problem("username", "works only with --password; set both or none"))
	}
	if !slices.Contains([]string{"lan", "wan", "local"}, c.Profile) {
		problems = append(problems, c.problem("profile", "unknown profile: %s; choose lan, wan or local", c.Profile))
	}
	for _, choice := range []struct {
		name, val string
		of        []string
	}{
		{"raft-log", c.RaftLog, []string{"wal", "bolt"}},
		{"log-format", c.LogFormat, []string{"text", "json"}},
		{"encrypt-mode", c.EncryptMode, []string{"require", "send", "accept"}},
	} {
		if !slices.Contains(choice.of, choice.val) {
			problems = append(problems, c.problem(choice.name, "want %s, not %q", strings.Join(choice.of, " or "), choice.val))
		}
	}
	return problems
}

func (c *Config) validateRanges() (problems []error) {
	const port, anyNumber = 1<<16 - 1, 1<<31 - 1
	if c.RaftMultiplier < 0 || c.RaftMultiplier > 10 {
		problems = append(problems, c.problem("raft-multiplier",
			"raft-multiplier cannot be %d; want 1 to 10, or 0 for the default", c.RaftMultiplier))
	}
	for _, r := range []struct {
		name           string
		val, low, high int
	}{
		{"rpc-port", c.RPCPort, 1, port},
		{"advertise-rpc-port", c.AdvertiseRPCPort, 0, port},
		{"mail-port", c.MailPort, 0, port},
		{"bootstrap-expect", c.BootstrapExpect, 0, anyNumber},
		{"agent-run-max-retries", c.AgentRunMaxRetries, 0, anyNumber},
		{"max-running", c.MaxRunning, 0, anyNumber},
		{"processor-spool-size", c.ProcessorSpoolSize, 0, anyNumber},
		{"http-max-connections", c.HTTPMaxConnections, 0, anyNumber},
		{"http-rate", c.HTTPRate, 0, 1_000_000},
		{"plugin-memory-limit", c.PluginMemoryLimit, 0, anyNumber},
		{"retry-max", c.RetryMax, 0, anyNumber},
	} {
		switch {
		case r.val >= r.low && r.val <= r.high:
		case r.high == anyNumber:
			problems = append(problems, c.problem(r.name, "want %d or more, not %d", r.low, r.val))
		default:
			problems = append(problems, c.problem(r.name, "want %d to %d, not %d", r.low, r.high, r.val))
		}
	}
	return problems
}

func (c *Config) validateDurations() (problems []error) {
	for _, d := range []struct {
		name string
		val  time.Duration
	}{
		{"serf-reconnect-timeout", c.SerfReconnectTimeout},
		{"retry-interval", c.RetryInterval},
		{"agent-run-retry-initial-interval", c.AgentRunRetryInitialInterval},
		{"agent-run-retry-max-interval", c.AgentRunRetryMaxInterval},
		{"reconcileinterval", c.ReconcileInterval},
		{"heartbeat-interval", c.HeartbeatInterval},
	} {
		if d.val <= 0 {
			problems = append(problems, c.problem(d.name, "want a duration above 0, not %s", d.val))
		}
	}
	if c.DrainTimeout < 0 {
		problems = append(problems, c.problem("drain-timeout", "want a duration of 0 or more, not %s", c.DrainTimeout))
	}
	if c.AgentRunRetryMaxInterval < c.AgentRunRetryInitialInterval {
		problems = append(problems, c.problem("agent-run-retry-max-interval", "%s is less than the initial interval, %s",
			c.AgentRunRetryMaxInterval, c.AgentRunRetryInitialInterval))
	}
	return problems
}

// validateCalls finds addresses that can't be called. They may have a secret, which no message repeats.
func (c *Config) validateCalls() (problems []error) {
	alarm := c.AlarmURL
	if to, ok := strings.CutPrefix(alarm, "mailto:"); ok {
		if _, err := mail.ParseAddressList(to); err != nil {
			problems = append(problems, c.problem("alarm-url", "want mail addresses, separated by commas, after mailto:, such as mailto:ops@example.com"))
		} else if c.MailHost == "" {
			problems = append(problems, c.problem("alarm-url", "mailto: needs the setting mail-host; set it, or call a URL"))
		}
		alarm = ""
	}
	for _, a := range []struct{ name, url string }{{"alarm-url", alarm}, {"heartbeat-url", c.HeartbeatURL}} {
		u, err := url.Parse(a.url)
		if a.url != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			problems = append(problems, c.problem(a.name, "want an address such as https://example.com/hook"))
		}
	}
	if at := c.OtelTraceURL; at != "" {
		switch u, err := url.Parse(strings.ReplaceAll(at, "{trace}", "0")); {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
			problems = append(problems, c.problem("otel-trace-url", "want an address such as https://jaeger.example.com/trace/{trace}, not %q", at))
		case !strings.Contains(at, "{trace}"):
			problems = append(problems, c.problem("otel-trace-url", "want {trace} where the id of the trace belongs, as in https://jaeger.example.com/trace/{trace}"))
		}
	}
	return problems
}

// validateOrigins finds values that no browser would send as an origin.
func (c *Config) validateOrigins() (problems []error) {
	for _, o := range c.HTTPAllowedOrigins {
		if o == "*" {
			continue
		}
		u, err := url.Parse(o)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || o != u.Scheme+"://"+u.Host && o != u.Scheme+"://"+u.Host+"/" {
			problems = append(problems, c.problem("http-allowed-origins", "want an origin such as https://ops.example.com or *, not %q", o))
		}
	}
	return problems
}

// validateReceivers finds addresses to which no metrics can be sent.
func (c *Config) validateReceivers() (problems []error) {
	for _, r := range []struct{ name, addr string }{{"statsd-addr", c.StatsdAddr}, {"dog-statsd-addr", c.DogStatsdAddr}} {
		if path, ok := strings.CutPrefix(r.addr, "unix://"); r.addr == "" || ok && strings.HasPrefix(path, "/") {
			continue
		}
		host, port, err := net.SplitHostPort(r.addr)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil || n == 0 {
			problems = append(problems, c.problem(r.name, "want host:port, such as 127.0.0.1:8125, or unix:///path, not %q", r.addr))
		}
	}
	for _, tag := range c.DogStatsdTags {
		if tag == "" || strings.ContainsAny(tag, "|,#\n") {
			problems = append(problems, c.problem("dog-statsd-tags", "want k:v without '|', ',' and '#', not %q", tag))
		}
	}
	return problems
}

func (c *Config) validateCluster() (problems []error) {
	if strings.TrimSpace(c.NodeName) == "" {
		problems = append(problems, c.problem("node-name", "want a name that is not empty"))
	}
	switch {
	case c.Server:
	case c.Dev:
		problems = append(problems, c.problem("dev", "runs a server; leave out server=false"))
	case c.BootstrapExpect > 0:
		problems = append(problems, c.problem("bootstrap-expect", "only a server can bootstrap; add --server or leave it out"))
	case c.Bootstrap:
		problems = append(problems, c.problem("bootstrap", "only a server can bootstrap; add --server or leave it out"))
	}
	if c.AcceptCluster && c.Server {
		problems = append(problems, c.problem("accept-cluster", "a server holds the jobs and the history of its cluster, and leaves it only "+
			"without them; to move it to another cluster, stop it, move its data directory away, and start it without this setting"))
	}
	if c.DataDir == "" && !c.Dev {
		problems = append(problems, c.problem("data-dir", "want a directory"))
	}
	if _, err := c.EncryptKeys(); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// EncryptKeys decodes the gossip keys: the first encrypts, all decrypt. None means that gossip is not encrypted.
func (c *Config) EncryptKeys() ([][]byte, error) {
	var decoded [][]byte
	for i, k := range c.Encrypt {
		key, err := base64.StdEncoding.DecodeString(k)
		if err != nil {
			return nil, c.problem("encrypt", "invalid encryption key: number %d is not base64; dkron keygen makes one", i+1)
		}
		if n := len(key); n != 16 && n != 24 && n != 32 {
			return nil, c.problem("encrypt", "invalid encryption key: number %d has %d bytes; want 16, 24 or 32", i+1, n)
		}
		decoded = append(decoded, key)
	}
	return decoded, nil
}
