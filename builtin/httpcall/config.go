package httpcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
)

const (
	defaultTimeout = 30 * time.Second
	maxTimeout     = 100 * 365 * 24 * time.Hour // keeps arithmetic with instants in range
)

// config is a job's configuration, checked as far as that is possible without sending anything.
type config struct {
	method, url string
	headers     []header
	body        string
	timeout     time.Duration // 0: none
	tls         tlsKey
	debug       bool
	warnings    []string
	expectation
}

type header struct{ name, value string }

// parseConfig returns what it could read also with an error, so that warnings and debug output can be shown.
func parseConfig(m map[string]string) (*config, error) {
	c := &config{
		method: m["method"],
		url:    m["url"],
		body:   m["body"],
		debug:  m["debug"] != "",
		tls: tlsKey{
			cert: m["tlsCertificateFile"],
			key:  m["tlsCertificateKeyFile"],
			ca:   m["tlsRootCAsFile"],
		},
	}
	c.timeout = c.seconds(m["timeout"])
	c.tls.noVerify = c.boolean(m, "tlsNoVerifyPeer")
	c.failOnError = c.boolean(m, "failOnError")
	c.parseCodes(m["expectCode"])
	if c.url == "" {
		return c, errors.New("url is empty")
	}
	if c.method == "" {
		return c, errors.New("method is empty")
	}
	if text := m["expectBody"]; text != "" {
		var err error
		if c.expectBody, err = regexp.Compile(text); err != nil {
			return c, fmt.Errorf("expectBody is not a valid regular expression: %w", err)
		}
	}
	var err error
	if c.headers, err = parseHeaders(m["headers"]); err != nil {
		return c, fmt.Errorf("parsing headers failed: %w", err)
	}
	return c, nil
}

func (c *config) warn(format string, args ...any) {
	c.warnings = append(c.warnings, fmt.Sprintf(format, args...))
}

// seconds reads the timeout: whole seconds, none if not positive.
func (c *config) seconds(text string) time.Duration {
	if text == "" {
		return defaultTimeout
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		c.warn("timeout %q is not a number of seconds, using %d", text, int(defaultTimeout.Seconds()))
		return defaultTimeout
	case n <= 0:
		return 0
	case int64(n) > int64(maxTimeout/time.Second):
		return maxTimeout
	}
	return time.Duration(n) * time.Second
}

func (c *config) boolean(m map[string]string, key string) bool {
	if m[key] == "" {
		return false
	}
	value, err := strconv.ParseBool(m[key])
	if err != nil {
		c.warn("%s %q is not a boolean, using false", key, m[key])
	}
	return value
}

// parseHeaders reads a JSON array of "Name: value".
func parseHeaders(text string) ([]header, error) {
	if text == "" {
		return nil, nil
	}
	var lines []string
	if err := json.Unmarshal([]byte(text), &lines); err != nil {
		return nil, err
	}
	headers := make([]header, len(lines))
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("header %d has no colon", i+1) // its text may be a secret
		}
		headers[i] = header{strings.TrimSpace(name), strings.TrimSpace(value)}
	}
	return headers, nil
}

// request builds what is sent.
func (c *config) request(ctx context.Context, req *plugin.ExecuteRequest) (*http.Request, error) {
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	r, err := http.NewRequestWithContext(ctx, c.method, c.url, body)
	if err != nil {
		return nil, err
	}
	identify(r.Header, req)
	for _, h := range c.headers { // a job's own headers replace ours
		r.Header.Del(h.name)
	}
	for _, h := range c.headers {
		if strings.EqualFold(h.name, "Host") {
			r.Host = h.value
			continue
		}
		r.Header.Add(h.name, h.value)
	}
	return r, nil
}

// identify adds the headers by which the other side can tell a repetition from a new launch.
func identify(h http.Header, req *plugin.ExecuteRequest) {
	values := make([]string, 0, 4) // shared by all, to save allocations; full slices keep an append from spilling over
	set := func(name, value string) {
		if value != "" {
			values = append(values, value)
			h[name] = values[len(values)-1 : len(values) : len(values)]
		}
	}
	set("X-Dkron-Launch-Id", req.LaunchID)
	set("X-Dkron-Execution-Id", req.ExecutionID)
	set("X-Dkron-Attempt", strconv.Itoa(req.Attempt))
	if !req.ScheduledAt.IsZero() {
		set("X-Dkron-Scheduled-At", req.ScheduledAt.UTC().Format(time.RFC3339Nano))
	}
}

// report writes what precedes the response in the output.
func (c *config) report(m map[string]string, status plugin.Status) {
	if c.debug {
		status.Write(fmt.Appendf(nil, "Config: %#v\n", redact(m)), false)
	}
	for _, text := range c.warnings {
		status.Write([]byte("Warning: "+text+".\n"), false)
	}
}
