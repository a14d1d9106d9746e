package httpcall

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dkron/plugin"
)

const maxRedirects = 10

// redirects returns the client's redirect policy: redirects are followed, unless the job expects to see them.
func (c *config) redirects(status plugin.Status) func(next *http.Request, via []*http.Request) error {
	if !c.follow {
		return func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return func(next *http.Request, via []*http.Request) error {
		if len(via) >= maxRedirects {
			return fmt.Errorf("stopped after %d redirects", maxRedirects)
		}
		escapeQuery(next.URL)
		// As every client does. After 303 the server requests it; after 301 and 302 it is only custom, and the request
		// may not have had its effect.
		was := via[len(via)-1].Method
		lost := !strings.EqualFold(was, next.Method) || c.body+c.bodyFile != "" && next.Body == nil
		if code := next.Response.StatusCode; lost && code != http.StatusSeeOther {
			warn(status, fmt.Sprintf("status %d redirected the %s to %s, where a %s without a body was sent; "+
				"call that address directly, or set followRedirects to false and expectCode to what you want",
				code, was, redactURL(next.URL.String()), next.Method))
		}
		return nil
	}
}

// escapeQuery escapes characters that a query must not contain. net/http sends queries unchanged, and a space in one
// makes the request line invalid.
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
