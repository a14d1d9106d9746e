package httpcall

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dkron/plugin"
)

const wantURL = "it must be an address such as https://example.com/path"

// Check returns what is wrong with a configuration. It depends only on config, so that every node gives the same
// result.
func (*Executor) Check(config map[string]string) []plugin.Problem {
	c := parseConfig(config)
	c.checkURL()
	c.checkMethod()
	c.CheckSeconds()
	c.checkCodes()
	c.checkHeaders()
	if (c.route.tls.Cert == "") != (c.route.tls.Key == "") {
		set, other := "tlsCertificateFile", "tlsCertificateKeyFile"
		if c.route.tls.Cert == "" {
			set, other = other, set
		}
		c.Warn(set, "is set without %s, so every execution fails; set both or none", other)
	}
	c.Debug()
	return c.Problems()
}

// checkURL finds addresses to which nothing can be sent.
func (c *config) checkURL() {
	if c.url == "" {
		return
	}
	wrong := func(format string, args ...any) {
		c.Fault("url", plugin.Hopeless, nil, format+"; "+wantURL, args...)
	}
	u, err := url.Parse(c.url)
	if err != nil {
		// The address is left out, since it may contain a password.
		if in := (*url.Error)(nil); errors.As(err, &in) {
			err = in.Err
		}
		wrong("can't be parsed: %v", err)
		return
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		wrong("must begin with http:// or https://")
	case u.Host == "":
		wrong("names no host")
	case strings.TrimSpace(c.url) != c.url:
		c.Warn("url", "ends with a space, which is sent as %%20; remove it")
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
		c.Warn("method", "%s is not a method, so every execution fails; write one word, such as GET or POST", plugin.Shown(c.method))
	case upper != c.method && slices.Contains(methods, upper):
		c.Warn("method", "%s is sent as it is written, and most servers know only %s", plugin.Shown(c.method), upper)
	}
}

// checkCodes finds lists of which some or all entries match no response.
func (c *config) checkCodes() {
	if c.expectCode && len(c.codes) == 0 {
		c.Warn("expectCode", `has no entry that can match, so every execution fails; write a list such as "200,204" or "2xx"`)
	}
	for _, code := range c.codes {
		if code < 1 || code > 5 && code < 100 || code > 599 {
			text := strconv.Itoa(code)
			if code < 10 {
				text += "xx"
			}
			c.Warn("expectCode", "%s is not a status code; codes go from 100 to 599", text)
		}
	}
}

// checkHeaders finds what net/http refuses to send.
func (c *config) checkHeaders() {
	for i, h := range c.headers {
		switch {
		case !isToken(h.name):
			c.Warn("headers", `has an invalid header name in entry %d, so every execution fails; write "Name: value" with letters, digits and - in the name`, i+1)
		case strings.ContainsFunc(h.value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			c.Warn("headers", "has a line break or another control character in the value of entry %d, so every execution fails; remove it", i+1)
		}
	}
}

// isToken reports whether a text may be a method or the name of a header.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
