package httpcall

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
)

const wantURL = "it must be an address such as https://example.com/path"

// Check returns what is wrong with a configuration. It depends only on config, so that every node gives the same
// result.
func (*Executor) Check(config map[string]string) (problems []plugin.Problem) {
	c := parseConfig(config)
	c.checkURL()
	for _, f := range c.faults {
		problems = append(problems, f.Problem)
	}
	c.checkMethod()
	c.checkTimeout(config["timeout"])
	c.checkCodes()
	c.checkHeaders()
	if (c.route.tls.cert == "") != (c.route.tls.key == "") {
		set, other := "tlsCertificateFile", "tlsCertificateKeyFile"
		if c.route.tls.cert == "" {
			set, other = other, set
		}
		c.warn(set, "is set without %s, so every execution fails; set both or none", other)
	}
	if on, err := strconv.ParseBool(config["debug"]); err == nil && !on {
		c.warn("debug", "is on for any value, even %q; leave it out to turn it off", config["debug"])
	}
	return append(problems, c.odd...)
}

// checkURL finds addresses to which nothing can be sent.
func (c *config) checkURL() {
	if c.url == "" {
		return
	}
	wrong := func(format string, args ...any) {
		c.fault("url", plugin.Hopeless, nil, format+"; "+wantURL, args...)
	}
	u, err := url.Parse(c.url)
	if err != nil {
		// The address is left out, since it may contain a password.
		if in := (*url.Error)(nil); errors.As(err, &in) {
			err = in.Err
		}
		wrong("can't be parsed: %w", err)
		return
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		wrong("must begin with http:// or https://")
	case u.Host == "":
		wrong("names no host")
	case strings.TrimSpace(c.url) != c.url:
		c.warn("url", "ends with a space, which is sent as %%20; remove it")
	}
}

func (c *config) checkMethod() {
	methods := []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect,
	}
	upper := strings.ToUpper(c.method)
	switch {
	case c.method == "":
	case !isToken(c.method):
		c.warn("method", "%s is not a method, so every execution fails; write one word, such as GET or POST", plugin.Shown(c.method))
	case upper != c.method && slices.Contains(methods, upper):
		c.warn("method", "%s is sent as it is written, and most servers know only %s", plugin.Shown(c.method), upper)
	}
}

// checkTimeout warns of numbers that are probably milliseconds, and of those that unexpectedly mean no limit.
func (c *config) checkTimeout(text string) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
	case n < 0:
		c.warn("timeout", `%d means that there is no limit; write "0" for that, or whole seconds, such as "30"`, n)
	case n > 0 && n%1000 == 0:
		c.warn("timeout", `%d is a number of seconds, %s; if you mean milliseconds, write "%d"`, n, c.timeout, n/1000)
	case c.timeout > 24*time.Hour:
		c.warn("timeout", `%d is a number of seconds, %s`, n, c.timeout)
	}
}

// checkCodes finds lists of which some or all entries match no response.
func (c *config) checkCodes() {
	if c.expectCode && len(c.codes) == 0 {
		c.warn("expectCode", `has no entry that can match, so every execution fails; write a list such as "200,204" or "2xx"`)
	}
	for _, code := range c.codes {
		if code < 1 || code > 5 && code < 100 || code > 599 {
			text := strconv.Itoa(code)
			if code < 10 {
				text += "xx"
			}
			c.warn("expectCode", "%s is not a status code; codes go from 100 to 599", text)
		}
	}
}

// checkHeaders finds what net/http refuses to send.
func (c *config) checkHeaders() {
	for i, h := range c.headers {
		switch {
		case !isToken(h.name):
			c.warn("headers", `has an invalid header name in entry %d, so every execution fails; write "Name: value" with letters, digits and - in the name`, i+1)
		case strings.ContainsFunc(h.value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			c.warn("headers", "has a line break or another control character in the value of entry %d, so every execution fails; remove it", i+1)
		}
	}
}

// isToken reports whether a text may be a method or the name of a header.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
