package httpcall_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// redirecting serves /CODE, which redirects to /end with that status; /end answers method and body.
func redirecting(t *testing.T, location string) string {
	codes := map[string]int{"/301": 301, "/302": 302, "/303": 303, "/307": 307, "/308": 308}
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if code, ok := codes[r.URL.Path]; ok {
			w.Header()["Location"] = []string{location}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "moved")
			return
		}
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.RequestURI+" "+string(body))
	})
}

func TestARedirectThatDropsTheBodyIsSaidInTheOutput(t *testing.T) {
	url := redirecting(t, "/end")
	for _, test := range []struct {
		method, code, want string
		warned             bool
	}{
		{"POST", "301", "GET /end ", true}, {"POST", "302", "GET /end ", true}, {"DELETE", "302", "GET /end ", true},
		{"POST", "303", "GET /end ", false}, {"GET", "302", "GET /end ", true}, {"GET", "307", "GET /end data", false},
		{"POST", "307", "POST /end data", false}, {"POST", "308", "POST /end data", false},
	} {
		r := call(t, url+"/"+test.code, "method", test.method, "body", "data")
		wantError(t, r, "") // without expectCode every response is a success
		warning, rest, _ := strings.Cut("\n"+r.output, "\n"+test.want)
		if test.warned != strings.HasPrefix(warning, "\nWarning: status "+test.code+" redirected the "+test.method+" to "+url+"/end, where a GET without a body was sent; ") ||
			rest != "" || !strings.HasSuffix(r.output, test.want) {
			t.Errorf("%s %s: %q", test.method, test.code, r.output)
		}
	}
}

func TestFollowRedirectsFalseShowsTheRedirectToTheExpectations(t *testing.T) {
	url := redirecting(t, "/end") + "/302"
	const unexpected = "received response code does not match the expected code"
	for _, test := range []struct{ expect, want string }{{"", ""}, {"200", unexpected}, {"2xx", unexpected}, {"302", ""}, {"200,3xx", ""}} {
		r := call(t, url, "method", "POST", "body", "data", "followRedirects", "false", "expectCode", test.expect)
		wantError(t, r, test.want)
		if r.output != "moved" {
			t.Errorf("%q", r.output)
		}
		if r = call(t, url, "followRedirects", "true", "expectCode", "302"); r.Error != unexpected {
			t.Errorf("the answer of a redirect that is followed is %q", r.output)
		}
	}
	wantError(t, call(t, url, "followRedirects", "false", "failOnError", "true"), "")
	r := call(t, url, "followRedirects", "no")
	if r.output != "Warning: followRedirects \"no\" is not a boolean, using true; write \"true\" or \"false\".\nGET /end " {
		t.Errorf("%q", r.output)
	}
}

func TestRedirectsEnd(t *testing.T) {
	if r := call(t, redirecting(t, "/302")+"/302"); !strings.HasSuffix(r.Error, "stopped after 10 redirects") {
		t.Errorf("%+v", r.ExecuteResponse)
	}
}

func TestABlankInTheQueryIsEscaped(t *testing.T) {
	const raw, sent = `/end?q=a b&r="<é>"+%20|{x}'`, `/end?q=a%20b&r=%22%3C%C3%A9%3E%22+%20|{x}'`
	for name, url := range map[string]string{
		"in the job":    serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RequestURI) }) + raw,
		"in a redirect": redirecting(t, raw) + "/302",
	} {
		r := call(t, url, "expectCode", "200")
		wantError(t, r, "")
		if got := strings.TrimSpace(strings.TrimPrefix(r.output, "GET ")); got != sent {
			t.Errorf("%s: sent %s", name, got)
		}
	}
	if r := call(t, serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RequestURI) })+"/a b?c=%zz"); r.output != "/a%20b?c=%zz" {
		t.Errorf("%q", r.output)
	}
}
