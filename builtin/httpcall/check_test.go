package httpcall_test

import (
	"encoding/json"
	"strings"
	"testing"

	"dkron/builtin/httpcall"
	"dkron/plugin"
)

// check returns the problems of a valid configuration with some keys and values changed.
func check(more ...string) []plugin.Problem {
	config := map[string]string{"method": "POST", "url": "https://example.com/a?b=c"}
	for i := 0; i < len(more); i += 2 {
		config[more[i]] = more[i+1]
	}
	return httpcall.New(nil).Check(config)
}

func TestWhatIsRightHasNoProblems(t *testing.T) {
	used := map[string]bool{"method": true, "url": true}
	for _, more := range [][]string{
		{}, {"method", "PURGE"}, {"url", "HTTP://[::1]:8080"}, {"url", "http://u:p@example.com/a b?q=a b"},
		{"headers", `["Content-Type: text/plain", "X-Key:", "Host: a.b"]`}, {"headers", "[]"}, {"body", "{}"},
		{"timeout", "0"}, {"timeout", "30"}, {"timeout", "3600"}, {"timeout", "86400"},
		{"expectCode", "200, 2xx,404"}, {"expectBody", "^ok$"}, {"failOnError", "true", "followRedirects", "0", "tlsNoVerifyPeer", "F"},
		{"tlsCertificateFile", "a", "tlsCertificateKeyFile", "b", "tlsRootCAsFile", "c"}, {"debug", "true"}, {"debug", "x"},
		{"proxy", "socks5h://u:p@[::1]:1080"}, {"unixSocket", "/run/x.sock"}, {"bodyFile", "/var/x"},
	} {
		if got := check(more...); got != nil {
			t.Errorf("%q: %v", more, got)
		}
		for i := 0; i < len(more); i += 2 {
			used[more[i]] = true
		}
	}
	wantDescribed(t, used)
}

// The configurations that are right have every key that the executor describes, and no other.
func wantDescribed(t *testing.T, right map[string]bool) {
	t.Helper()
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(httpcall.New(nil).Describe(), &schema); err != nil {
		t.Fatal(err)
	}
	for key := range right {
		if schema.Properties[key] == nil {
			t.Errorf("%s is used and not described", key)
		}
	}
	for key := range schema.Properties {
		if !right[key] {
			t.Errorf("%s is described, and no configuration here has it", key)
		}
	}
}

func TestEachProblemSaysWhatWouldBeRight(t *testing.T) {
	const address = "; it must be an address such as https://example.com/path"
	const array = `, so every execution fails; write a JSON array of strings, such as ["Content-Type: text/plain"]`
	for _, test := range []struct {
		key, value string
		severity   plugin.Severity
		want       string // the beginning of the text
	}{
		{"url", "", plugin.Hopeless, "is empty" + address},
		{"url", "http://a b/", plugin.Hopeless, `can't be parsed: invalid character " " in host name` + address},
		{"url", "http://u:s3cret@h:x/", plugin.Hopeless, `can't be parsed: invalid port ":x" after host` + address},
		{"url", "ftp://example.com/", plugin.Hopeless, "must begin with http:// or https://" + address},
		{"url", "example.com/a", plugin.Hopeless, "must begin with http:// or https://" + address},
		{"url", "localhost:8080", plugin.Hopeless, "must begin with http:// or https://" + address},
		{"url", "http:///a", plugin.Hopeless, "names no host" + address},
		{"url", "http://example.com/a ", plugin.Odd, "ends with a space, which is sent as %20; remove it"},
		{"method", "", plugin.Hopeless, "is empty; it must be a method such as GET or POST"},
		{"method", "GET it", plugin.Odd, `"GET it" is not a method, so every execution fails; write one word`},
		{"method", "post", plugin.Odd, `"post" is sent as it is written, and most servers know only POST`},
		{"expectBody", "(", plugin.Hopeless, "is not a valid regular expression: error parsing regexp: missing closing )"},
		{"headers", "X: 1", plugin.Odd, "is not JSON" + array},
		{"headers", `{"X-Key": "s3cret"}`, plugin.Odd, "is a JSON object" + array},
		{"headers", `[1]`, plugin.Odd, "is not an array of strings" + array},
		{"headers", `["A: 1", "s3cret"]`, plugin.Odd, "has no colon in entry 2" + array},
		{"headers", `["A B: s3cret"]`, plugin.Odd, `has an invalid header name in entry 1, so every execution fails; write "Name: value"`},
		{"headers", `["A: b\ns3cret"]`, plugin.Odd, "has a line break or another control character in the value of entry 1, so every execution fails"},
		{"timeout", "10s", plugin.Odd, `"10s" is not a number of seconds, using 30; for 10s write "10"`},
		{"timeout", "1m", plugin.Odd, `"1m" is not a number of seconds, using 30; for 1m0s write "60"`},
		{"timeout", "2.5", plugin.Odd, `"2.5" is not a number of seconds, using 30; for 3s write "3"`},
		{"timeout", "soon", plugin.Odd, `"soon" is not a number of seconds, using 30; write whole seconds, such as "30"`},
		{"timeout", "30000", plugin.Odd, `30000 is a number of seconds, 8h20m0s; if you mean milliseconds, write "30"`},
		{"timeout", "100001", plugin.Odd, `100001 is a number of seconds, 27h46m41s`},
		{"timeout", "-1", plugin.Odd, `-1 means that there is no limit; write "0" for that`},
		{"expectCode", "200-299", plugin.Odd, `"200-299" is neither a status code nor a class like 2xx and matches nothing; for 200-299 write 2xx`},
		{"expectCode", "200-204", plugin.Odd, `"200-204" is neither a status code nor a class like 2xx and matches nothing; write a list such as "200,204" or "2xx"`},
		{"expectCode", "ok", plugin.Odd, `"ok" is neither`},
		{"expectCode", "200,9xx", plugin.Odd, "9xx is not a status code"},
		{"expectCode", "200,600", plugin.Odd, "600 is not a status code"},
		{"failOnError", "yes", plugin.Odd, `"yes" is not a boolean, using false; write "true" or "false"`},
		{"tlsNoVerifyPeer", "on", plugin.Odd, `"on" is not a boolean, using false`},
		{"debug", "false", plugin.Odd, `is on for any value, even "false"; leave it out to turn it off`},
		{"tlsCertificateFile", "a", plugin.Odd, "is set without tlsCertificateKeyFile, so every execution fails; set both or none"},
		{"tlsCertificateKeyFile", "a", plugin.Odd, "is set without tlsCertificateFile, so every execution fails"},
	} {
		got := check(test.key, test.value)
		if len(got) == 0 || got[0].Key != test.key || got[0].Severity != test.severity || !strings.HasPrefix(got[0].Text, test.want) {
			t.Errorf("%s %q\n got %+v\nwant %+v", test.key, test.value, got, test.want)
		}
		for _, p := range got {
			if strings.Contains(p.Text, "s3cret") {
				t.Errorf("a secret is shown: %s", p.Text)
			}
		}
	}
}

// What Check says must be what happens: no request is sent, or it fails.
func TestWhatCheckCallsAFailureFails(t *testing.T) {
	url := answer(t, 200, "")
	for _, more := range [][]string{
		{"url", ""}, {"url", "http://a b/"}, {"url", "ftp://" + url[len("http://"):]}, {"url", url[len("http://"):]}, {"url", "http:///a"},
		{"method", ""}, {"method", "GET it"}, {"expectBody", "("}, {"headers", "X: 1"}, {"headers", `{"X": "1"}`}, {"headers", `["A"]`},
		{"headers", `["A B: 1"]`}, {"headers", `["A: b\nc"]`}, {"expectCode", "ok"}, {"tlsCertificateFile", "a"},
	} {
		fails := false
		for _, p := range check(more...) {
			fails = fails || p.Severity == plugin.Hopeless || strings.Contains(p.Text, "every execution fails")
		}
		r := call(t, url, more...)
		if !fails || r.err == nil && r.Error == "" {
			t.Errorf("%q: said to fail %t, %+v, %v", more, fails, r.ExecuteResponse, r.err)
		}
	}
}

func TestCheckSaysEverythingAtOnce(t *testing.T) {
	got := httpcall.New(nil).Check(map[string]string{"Url": "http://a/", "Method": "GET", "expectBody": "("})
	var keys []string
	for _, p := range got {
		keys = append(keys, p.Key)
	}
	if want := "url method expectBody"; strings.Join(keys, " ") != want {
		t.Errorf("%q, want %q", keys, want)
	}
}

func FuzzCheckSurvivesEverything(f *testing.F) {
	f.Add("GET", "http://a", "[]", "1", "200", ".", "Url")
	f.Add("\x00", "\x7f:", `["no colon", ":"]`, "-", "xx,,1e3", "(", "")
	f.Fuzz(func(t *testing.T, method, url, headers, timeout, code, match, key string) {
		for _, p := range httpcall.New(nil).Check(map[string]string{
			"method": method, "url": url, "headers": headers, "timeout": timeout, "expectCode": code, "expectBody": match, key: "x",
		}) {
			if p.Text == "" {
				t.Error(p)
			}
		}
	})
}
