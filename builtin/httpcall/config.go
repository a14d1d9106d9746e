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

// config is a job's configuration, checked as far as possible without sending anything.
type config struct {
	method, url string
	headers     []header
	body        string
	bodyFile    string        // its path; used if body is empty
	timeout     time.Duration // 0: none
	route       route
	follow      bool // redirects
	debug       bool
	expectation

	odd    []plugin.Problem // values that mean something else than it seems; each execution reports them
	faults []fault          // problems because of which nothing can be sent
}

type header struct{ name, value string }

// fault is a problem, and the error of the executions that fail because of it.
type fault struct {
	plugin.Problem
	err error
}

// parseConfig reads as much as it can despite faults, so that all warnings and the debug output can be shown.
func parseConfig(m map[string]string) *config {
	c := &config{
		method: m["method"],
		url:    m["url"],
		body:   m["body"],
		debug:  m["debug"] != "",
		route: route{
			tls:    tlsKey{cert: m["tlsCertificateFile"], key: m["tlsCertificateKeyFile"], ca: m["tlsRootCAsFile"]},
			proxy:  m["proxy"],
			socket: m["unixSocket"],
		},
	}
	if c.bodyFile = m["bodyFile"]; c.bodyFile != "" && c.body != "" {
		c.warn("bodyFile", "is ignored, since body is set; remove one of them")
		c.bodyFile = ""
	}
	c.timeout = c.seconds(m["timeout"])
	c.route.tls.noVerify = c.boolean(m, "tlsNoVerifyPeer", false)
	c.failOnError = c.boolean(m, "failOnError", false)
	c.follow = c.boolean(m, "followRedirects", true)
	c.parseCodes(m["expectCode"])
	if c.url == "" {
		c.fault("url", plugin.Hopeless, errors.New("url is empty"), "is empty; %s", wantURL)
	}
	if c.method == "" {
		c.fault("method", plugin.Hopeless, errors.New("method is empty"), "is empty; it must be a method such as GET or POST")
	}
	if text := m["expectBody"]; text != "" {
		var err error
		if c.expectBody, err = regexp.Compile(text); err != nil {
			err = fmt.Errorf("is not a valid regular expression: %w", err)
			c.fault("expectBody", plugin.Hopeless, fmt.Errorf("expectBody %w", err), "%w", err)
		}
	}
	c.parseHeaders(m["headers"])
	c.checkRoute()
	return c
}

// err returns why nothing can be sent.
func (c *config) err() error {
	if len(c.faults) == 0 {
		return nil
	}
	return c.faults[0].err
}

func (c *config) warn(key, format string, args ...any) {
	c.odd = append(c.odd, plugin.Problem{Key: key, Text: fmt.Sprintf(format, args...)})
}

func (c *config) fault(key string, s plugin.Severity, err error, format string, args ...any) {
	c.faults = append(c.faults, fault{plugin.Problem{Key: key, Severity: s, Text: fmt.Errorf(format, args...).Error()}, err})
}

// seconds reads the timeout: whole seconds, none if not positive.
func (c *config) seconds(text string) time.Duration {
	if text == "" {
		return defaultTimeout
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		c.warn("timeout", "%s is not a number of seconds, using %d; %s", plugin.Shown(text), int(defaultTimeout.Seconds()), wantSeconds(text))
		return defaultTimeout
	case n <= 0:
		return 0
	case int64(n) > int64(maxTimeout/time.Second):
		return maxTimeout
	}
	return time.Duration(n) * time.Second
}

// wantSeconds suggests how to write the timeout that was probably meant.
func wantSeconds(text string) string {
	d, err := time.ParseDuration(text)
	if err != nil {
		d, err = time.ParseDuration(text + "s") // 2.5
	}
	if err != nil || d <= 0 {
		return `write whole seconds, such as "30"`
	}
	n := int64((d + time.Second - 1) / time.Second)
	return fmt.Sprintf(`for %s write "%d"`, time.Duration(n)*time.Second, n)
}

func (c *config) boolean(m map[string]string, key string, without bool) bool {
	if m[key] == "" {
		return without
	}
	value, err := strconv.ParseBool(m[key])
	if err != nil {
		c.warn(key, `%s is not a boolean, using %t; write "true" or "false"`, plugin.Shown(m[key]), without)
		return without
	}
	return value
}

// parseHeaders reads a JSON array of "Name: value". No error includes the input: it may be a secret.
func (c *config) parseHeaders(text string) {
	if text == "" {
		return
	}
	wrong := func(err error, format string, args ...any) {
		format += `, so every execution fails; write a JSON array of strings, such as ["Content-Type: text/plain"]`
		c.fault("headers", plugin.Odd, fmt.Errorf("parsing headers failed: %w", err), format, args...)
	}
	var lines []string
	if err := json.Unmarshal([]byte(text), &lines); err != nil {
		what := "is not JSON"
		if json.Valid([]byte(text)) {
			what = "is not an array of strings"
			if strings.HasPrefix(strings.TrimSpace(text), "{") {
				what = "is a JSON object"
			}
		}
		wrong(err, "%s", what)
		return
	}
	headers := make([]header, len(lines))
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			wrong(fmt.Errorf("header %d has no colon", i+1), "has no colon in entry %d", i+1)
			return
		}
		headers[i] = header{strings.TrimSpace(name), strings.TrimSpace(value)}
	}
	c.headers = headers
}

// request builds the request.
func (c *config) request(ctx context.Context, req *plugin.ExecuteRequest) (*http.Request, error) {
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	r, err := http.NewRequestWithContext(ctx, c.method, c.url, body)
	if err != nil {
		return nil, err
	}
	if c.bodyFile != "" {
		if err := attach(r, c.bodyFile); err != nil {
			return nil, err
		}
	}
	escapeQuery(r.URL)
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

// identify adds the headers by which the receiver can tell a repetition from a new launch.
func identify(h http.Header, req *plugin.ExecuteRequest) {
	values := make([]string, 0, 4) // shared, to save allocations; full slice expressions keep an append from overwriting neighbours
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

// report writes the part of the output before the response.
func (c *config) report(m map[string]string, status plugin.Status) {
	if c.debug {
		status.Write(fmt.Appendf(nil, "Config: %#v\n", redact(m)), false)
	}
	for _, p := range c.odd {
		warn(status, p.Key+" "+p.Text)
	}
}

func warn(status plugin.Status, text string) { status.Write([]byte("Warning: "+text+".\n"), false) }
