package httpcall

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dkron/plugin"
)

const maxRedirects = 10

// redirects returns what a client does with a redirect: it is followed, unless the job wants to see it.
func (c *config) redirects(status plugin.Status) func(next *http.Request, via []*http.Request) error {
	if !c.follow {
		return func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return func(next *http.Request, via []*http.Request) error {
		if len(via) >= maxRedirects {
			return fmt.Errorf("stopped after %d redirects", maxRedirects)
		}
		escapeQuery(next.URL)
		// As every client does. With 303 that is what the server asks for; with 301 and 302 it is a habit, and the work
		// that the request was to do may not have been done.
		was := via[len(via)-1].Method
		lost := !strings.EqualFold(was, next.Method) || c.body != "" && next.Body == nil
		if code := next.Response.StatusCode; lost && code != http.StatusSeeOther {
			warn(status, fmt.Sprintf("status %d redirected the %s to %s, where a %s without a body was sent; "+
				"call that address directly, or set followRedirects to false and expectCode to what you want",
				code, was, redactURL(next.URL.String()), next.Method))
		}
		return nil
	}
}

// escapeQuery escapes what a query must not contain. net/http sends queries as they are written, and a blank in one makes
// the request line one that servers can't read.
func escapeQuery(u *url.URL) {
	var out strings.Builder
	for i := range len(u.RawQuery) {
		switch c := u.RawQuery[i]; {
		case c <= ' ', c >= 0x7f, c == '"', c == '<', c == '>': // as browsers do
			fmt.Fprintf(&out, "%%%02X", c)
		default:
			out.WriteByte(c)
		}
	}
	if out.Len() > len(u.RawQuery) {
		u.RawQuery = out.String()
	}
}
