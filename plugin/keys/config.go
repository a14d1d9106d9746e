package keys

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
)

const (
	// DefaultTimeout is the limit of an execution whose job has none.
	DefaultTimeout = 30 * time.Second
	maxTimeout     = 100 * 365 * 24 * time.Hour // keeps arithmetic with instants in range
)

// Config is a job's configuration while it is read. It collects what is wrong with it.
type Config struct {
	values map[string]string
	odd    []plugin.Problem // values that mean something else than it seems; each execution reports them
	faults []fault          // problems because of which nothing can be sent
}

// fault is a problem, and the error of the executions that fail because of it.
type fault struct {
	plugin.Problem
	err error
}

// Pair is one of a list such as headers.
type Pair struct{ Name, Value string }

// Read begins to read a configuration.
func Read(values map[string]string) *Config { return &Config{values: values} }

// Text returns the value of a key as it is written.
func (c *Config) Text(key string) string { return c.values[key] }

// Has reports whether the configuration has a key, even an empty one.
func (c *Config) Has(key string) bool {
	_, ok := c.values[key]
	return ok
}

// Required returns the value of a key that must not be empty. want says what it must be.
func (c *Config) Required(key, want string) string {
	if c.values[key] == "" {
		c.Fault(key, plugin.Hopeless, errors.New(key+" is empty"), "is empty; %s", want)
	}
	return c.values[key]
}

// Warn notes that a value means something else than it seems. The text continues the key.
func (c *Config) Warn(key, format string, args ...any) {
	c.odd = append(c.odd, plugin.Problem{Key: key, Text: fmt.Sprintf(format, args...)})
}

// Fault notes why every execution fails: with err, or, if that is nil, with the key and the text. The text continues the
// key.
func (c *Config) Fault(key string, s plugin.Severity, err error, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if err == nil {
		err = fmt.Errorf("%s %s", key, text)
	}
	c.faults = append(c.faults, fault{plugin.Problem{Key: key, Severity: s, Text: text}, err})
}

// Err returns why nothing can be sent.
func (c *Config) Err() error {
	if len(c.faults) == 0 {
		return nil
	}
	return c.faults[0].err
}

// Problems returns all that is wrong.
func (c *Config) Problems() (problems []plugin.Problem) {
	for _, f := range c.faults {
		problems = append(problems, f.Problem)
	}
	return append(problems, c.odd...)
}

// Warned writes the warnings to the output.
func (c *Config) Warned(status plugin.Status) {
	for _, p := range c.odd {
		status.Write([]byte("Warning: "+p.Key+" "+p.Text+".\n"), false)
	}
}

// Report writes the start of the output: the configuration, with secrets masked, if the key debug has a value, and the
// warnings.
func (c *Config) Report(s plugin.Schema, status plugin.Status) {
	if c.values["debug"] != "" {
		status.Write(fmt.Appendf(nil, "Config: %#v\n", Redact(c.values, s)), false)
	}
	c.Warned(status)
}

// Debug finds a value of the key debug that seems to turn it off.
func (c *Config) Debug() {
	if on, err := strconv.ParseBool(c.values["debug"]); err == nil && !on {
		c.Warn("debug", "is on for any value, even %q; leave it out to turn it off", c.values["debug"])
	}
}

// Bool returns a boolean; without is what a missing or wrong value means.
func (c *Config) Bool(key string, without bool) bool {
	if c.values[key] == "" {
		return without
	}
	value, err := strconv.ParseBool(c.values[key])
	if err != nil {
		c.Warn(key, `%s is not a boolean, using %t; write "true" or "false"`, plugin.Shown(c.values[key]), without)
		return without
	}
	return value
}

// Timeout returns the limit of the key timeout, whole seconds, and warns of a value that is probably a mistake. 0 is none.
func (c *Config) Timeout() time.Duration {
	limit := c.Seconds()
	c.CheckSeconds()
	return limit
}

// Seconds is Timeout without the warnings of CheckSeconds.
func (c *Config) Seconds() time.Duration {
	text := c.values["timeout"]
	if text == "" {
		return DefaultTimeout
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		c.Warn("timeout", "%s is not a number of seconds, using %d; %s", plugin.Shown(text), int(DefaultTimeout.Seconds()), wantSeconds(text))
		return DefaultTimeout
	}
	return limitOf(n)
}

// limitOf returns a timeout of so many seconds.
func limitOf(n int) time.Duration {
	if int64(n) >= int64(maxTimeout/time.Second) {
		return maxTimeout
	}
	return time.Duration(max(n, 0)) * time.Second
}

// CheckSeconds warns of timeouts that are probably milliseconds, and of those that unexpectedly mean no limit.
func (c *Config) CheckSeconds() {
	n, err := strconv.Atoi(c.values["timeout"])
	switch {
	case err != nil:
	case n < 0:
		c.Warn("timeout", `%d means that there is no limit; write "0" for that, or whole seconds, such as "30"`, n)
	case n > 0 && n%1000 == 0:
		c.Warn("timeout", `%d is a number of seconds, %s; if you mean milliseconds, write "%d"`, n, limitOf(n), n/1000)
	case limitOf(n) > 24*time.Hour:
		c.Warn("timeout", `%d is a number of seconds, %s`, n, limitOf(n))
	}
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

// Headers returns the key headers, a JSON array of "Name: value". No text includes its input: that may be a secret.
func (c *Config) Headers() []Pair { return c.headers(nil) }

// HeadersOr is Headers with the error of executions that fail because of them.
func (c *Config) HeadersOr(failure error) []Pair { return c.headers(failure) }

func (c *Config) headers(failure error) []Pair {
	text := c.values["headers"]
	if text == "" {
		return nil
	}
	wrong := func(err error, format string, args ...any) {
		format += `, so every execution fails; write a JSON array of strings, such as ["Name: value"]`
		if failure != nil {
			err = failure
		} else {
			err = fmt.Errorf("parsing headers failed: %w", err)
		}
		c.Fault("headers", plugin.Odd, err, format, args...)
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
		wrong(errors.New(what), "%s", what)
		return nil
	}
	headers := make([]Pair, len(lines))
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			wrong(fmt.Errorf("header %d has no name before a colon", i+1), "has no name and colon in entry %d", i+1)
			return nil
		}
		headers[i] = Pair{name, strings.TrimSpace(value)}
	}
	return headers
}
