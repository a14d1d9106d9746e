package respond

import (
	"net/http"
	"strconv"
	"strings"
)

// preferences parses a header such as Accept-Encoding: what the client accepts, in lower case, with its weight from 0
// (not at all) to 1. An unreadable weight counts as 1.
func preferences(h http.Header, name string) map[string]float64 {
	likes := make(map[string]float64)
	for one := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
		what, params, _ := strings.Cut(one, ";")
		if what = strings.ToLower(strings.TrimSpace(what)); what == "" {
			continue
		}
		likes[what] = max(likes[what], weight(params)) // the better one of text/html;level=1 and text/html
	}
	return likes
}

func weight(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		key, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(key), "q") {
			continue
		}
		if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
	}
	return 1
}

// AcceptsHTML reports whether the client can show a page. One without an Accept header can.
func AcceptsHTML(r *http.Request) bool {
	likes := preferences(r.Header, "Accept")
	for _, media := range []string{"text/html", "text/*", "*/*"} { // the most specific one applies
		if q, named := likes[media]; named {
			return q > 0
		}
	}
	return len(likes) == 0
}

// Coding returns the available content coding that the client prefers, the first of equals; "" is the plain form, also
// for clients that accept no form. It is the only reader of Accept-Encoding besides the compression library.
func Coding(r *http.Request, there ...string) string {
	likes := preferences(r.Header, "Accept-Encoding")
	best, most := "", likes["identity"]
	for _, coding := range there {
		q, named := likes[coding]
		if !named {
			q = likes["*"]
		}
		if q > most || q == most && q > 0 && best == "" {
			best, most = coding, q
		}
	}
	return best
}
