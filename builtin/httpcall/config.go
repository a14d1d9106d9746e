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
	"dkron/plugin/keys"
)

// config is a job's configuration, checked as far as possible without sending anything.
type config struct {
	*keys.Config

	method, url string
	headers     []header
	body        string
	bodyFile    string        // its path; used if body is empty
	timeout     time.Duration // 0: none
	route       route
	follow      bool // redirects
	debug       bool
	expectation
}

type header struct{ name, value string }

// parseConfig reads as much as it can despite faults, so that all warnings and the debug output can be shown.
func parseConfig(m map[string]string) *config {
	c := &config{
		Config: keys.Read(m),
		method: m["method"],
		url:    m["url"],
		body:   m["body"],
		debug:  m["debug"] != "",
		route: route{
			tls:    keys.TLS{Cert: m["tlsCertificateFile"], Key: m["tlsCertificateKeyFile"], CA: m["tlsRootCAsFile"]},
			proxy:  m["proxy"],
			socket: m["unixSocket"],
		},
	}
	if c.bodyFile = m["bodyFile"]; c.bodyFile != "" && c.body != "" {
		c.Warn("bodyFile", "is ignored, since body is set; remove one of them")
		c.bodyFile = ""
	}
	c.timeout = c.Seconds()
	c.route.tls.NoVerify = c.Bool("tlsNoVerifyPeer", false)
	c.failOnError = c.Bool("failOnError", false)
	c.follow = c.Bool("followRedirects", true)
	c.parseCodes(m["expectCode"])
	if c.url == "" {
		c.Fault("url", plugin.Hopeless, errors.New("url is empty"), "is empty; %s", wantURL)
	}
	if c.method == "" {
		c.Fault("method", plugin.Hopeless, errors.New("method is empty"), "is empty; it must be a method such as GET or POST")
	}
	if text := m["expectBody"]; text != "" {
		var err error
		if c.expectBody, err = regexp.Compile(text); err != nil {
			c.Fault("expectBody", plugin.Hopeless, nil, "is not a valid regular expression: %v", err)
		}
	}
	c.parseHeaders(m["headers"])
	c.checkRoute()
	return c
}

// parseHeaders reads a JSON array of "Name: value". No error includes the input: it may be a secret.
func (c *config) parseHeaders(text string) {
	if text == "" {
		return
	}
	wrong := func(err error, format string, args ...any) {
		format += `, so every execution fails; write a JSON array of strings, such as ["Content-Type: text/plain"]`
		c.Fault("headers", plugin.Odd, fmt.Errorf("parsing headers failed: %w", err), format, args...)
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
	values := make([]string, 0, 5) // shared, to save allocations; full slice expressions keep an append from overwriting neighbours
	set := func(name, value string) {
		if value != "" {
			values = append(values, value)
			h[name] = values[len(values)-1 : len(values) : len(values)]
		}
	}
	set("X-Dkron-Launch-Id", req.LaunchID)
	set("X-Dkron-Execution-Id", req.ExecutionID)
	set("Traceparent", req.TraceParent)
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
	c.Warned(status)
}

func warn(status plugin.Status, text string) { status.Write([]byte("Warning: "+text+".\n"), false) }
