package httpcall_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"dkron/plugin"
)

func TestOutputIsTheBody(t *testing.T) {
	r := call(t, answer(t, 200, "hello"))
	wantError(t, r, "")
	if r.output != "hello" || r.ExitCode != nil || r.TimedOut {
		t.Fatalf("%+v %q", r.ExecuteResponse, r.output)
	}
}

func TestRequestIsSentAsConfigured(t *testing.T) {
	var got *http.Request
	var body []byte
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	})
	headers := `["Referer: http://a/b?c=d", "host: example.org", "X-Two: 1", "X-Two:2", "x-dkron-attempt: mine"]`
	wantError(t, call(t, url, "method", "POST", "body", "text", "headers", headers), "")
	h := got.Header
	if got.Method != "POST" || string(body) != "text" || got.Host != "example.org" ||
		h.Get("Referer") != "http://a/b?c=d" || !slices.Equal(h["X-Two"], []string{"1", "2"}) ||
		h.Get("User-Agent") != "Go-http-client/1.1" || h.Get("Accept-Encoding") != "gzip" {
		t.Fatalf("%+v", got)
	}
	if h.Get("X-Dkron-Launch-Id") != "launch-1" || h.Get("X-Dkron-Execution-Id") != "exec-1" ||
		h.Get("X-Dkron-Scheduled-At") != "2024-05-06T06:08:09.000000005Z" ||
		!slices.Equal(h["X-Dkron-Attempt"], []string{"mine"}) {
		t.Fatalf("%+v", h)
	}
}

func TestMethodKeepsItsCase(t *testing.T) {
	var got string
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Method })
	wantError(t, call(t, url, "method", "get"), "")
	if got != "get" {
		t.Fatal(got)
	}
}

func TestGzipIsDecoded(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte("plain"))
		_ = z.Close()
	})
	if r := call(t, url); r.output != "plain" {
		t.Fatalf("%q", r.output)
	}
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	// Only names other than localhost would be sent to a proxy.
	r := call(t, "http://dkron-test.invalid/")
	if strings.Contains(r.Error, "proxyconnect") || strings.Contains(r.Error, "127.0.0.1:1") {
		t.Fatal(r.Error)
	}
}

func TestConfigurationErrorsSendNothing(t *testing.T) {
	var calls atomic.Int32
	url := serve(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	for name, test := range map[string]struct {
		more []string
		want string
	}{
		"no url":        {[]string{"url", "", "method", ""}, "url is empty"},
		"no method":     {[]string{"method", ""}, "method is empty"},
		"method":        {[]string{"method", "a b"}, `net/http: invalid method "a b"`},
		"no colon":      {[]string{"headers", `["A: b", "no colon"]`}, "parsing headers failed: header 2 has no colon"},
		"no json":       {[]string{"headers", "A: b"}, "parsing headers failed: invalid character 'A' looking for beginning of value"},
		"half cert":     {[]string{"tlsCertificateFile", "execute_test.go"}, "tlsCertificateFile and tlsCertificateKeyFile must be set together"},
		"missing roots": {[]string{"tlsRootCAsFile", "/no/such"}, "TLS file: stat /no/such: no such file or directory"},
		"empty roots":   {[]string{"tlsRootCAsFile", "execute_test.go"}, "TLS root certificates: no certificate in execute_test.go"},
		"regexp": {[]string{"expectBody", "("},
			"expectBody is not a valid regular expression: error parsing regexp: missing closing ): `(`"},
	} {
		t.Run(name, func(t *testing.T) { wantConfigError(t, call(t, url, test.more...), test.want) })
	}
	if calls.Load() != 0 {
		t.Fatal("a request was sent")
	}
}

func TestRefusedConnectionIsAFailure(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	r := call(t, s.URL)
	if r.err != nil || !strings.HasPrefix(r.Error, `Get "`+s.URL+`": dial tcp `) || r.TimedOut {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
}

func TestExpectedCodesAreAnExactListWithClasses(t *testing.T) {
	for _, test := range []struct {
		code   int
		expect string
		ok     bool
	}{
		{500, "", true}, {500, " , ", true}, {200, "200", true}, {206, "200, 206", true}, {200, "200,", true},
		{204, "2xx", true}, {404, "2XX, 404", true}, {404, "2xx", false}, {200, "1200", false}, {200, "20", false},
		{200, "2", false}, {200, "x", false}, {200, "201", false}, {200, "OK,200", true}, {200, "22xx", false},
	} {
		want := "received response code does not match the expected code"
		if test.ok {
			want = ""
		}
		r := call(t, answer(t, test.code, ""), "expectCode", test.expect)
		if r.err != nil || r.Error != want {
			t.Errorf("%d expecting %q: %q, %v", test.code, test.expect, r.Error, r.err)
		}
	}
}

func TestTheReasonNamesWhatWasAnsweredAndWhatWasExpected(t *testing.T) {
	for want, config := range map[string][]string{
		"": {}, "answered 404, expected 2xx or 301": {"expectCode", "2XX, 301"}, "answered 404, expected less than 400": {"failOnError", "true"},
		"answered 404, but with another body than expected": {"expectBody", "x"}, "answered 404, and expectCode names no valid code": {"expectCode", "ok"},
	} {
		if r := call(t, answer(t, 404, ""), config...); r.Reason != want {
			t.Errorf("%q: %q, want %q", config, r.Reason, want)
		}
	}
}

func TestUnexpectedCodeStillShowsTheBody(t *testing.T) {
	if r := call(t, answer(t, 500, "reason"), "expectCode", "200"); r.output != "reason" {
		t.Fatalf("%q", r.output)
	}
}

func TestExpectedBodyMatchesAnywhere(t *testing.T) {
	url := answer(t, 200, "all is well today")
	wantError(t, call(t, url, "expectBody", "w.ll"), "")
	wantError(t, call(t, url, "expectBody", "^is"), "received response body did not match the expected body")
}

func TestFailOnErrorMakesErrorsFail(t *testing.T) {
	wantError(t, call(t, answer(t, 500, ""), "failOnError", "true"), "received response status 500 Internal Server Error")
	wantError(t, call(t, answer(t, 302, ""), "failOnError", "true", "expectCode", "302"), "")
	wantError(t, call(t, answer(t, 404, ""), "failOnError", "true", "expectCode", "404"), "")
	wantError(t, call(t, answer(t, 500, "")), "")
}

func TestTimeoutIsAFailureOfItsOwnKind(t *testing.T) {
	for name, begin := range map[string]string{"before the header": "", "in the body": "begun"} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if begin != "" {
					_, _ = w.Write([]byte(begin))
					w.(http.Flusher).Flush()
				}
				<-r.Context().Done()
			})
			r := call(t, url, "timeout", "1")
			if r.err != nil || !r.TimedOut || r.Reason != "timed out after 1 s" || !strings.Contains(r.Error, "Client.Timeout") || r.output != begin {
				t.Fatalf("%+v %v %q", r.ExecuteResponse, r.err, r.output)
			}
		})
	}
}

func TestInvalidTimeoutWarnsEveryTime(t *testing.T) {
	url, e := answer(t, 200, "body"), newExecutor(t)
	for range 2 {
		r := callWith(t, t.Context(), e, url, "timeout", "10s")
		wantError(t, r, "")
		if r.output != "Warning: timeout \"10s\" is not a number of seconds, using 30; for 10s write \"10\".\nbody" {
			t.Fatalf("%q", r.output)
		}
	}
	for _, timeout := range []string{"0", "-5", "99999999999"} {
		if r := callWith(t, t.Context(), e, url, "timeout", timeout); r.Error != "" || r.output != "body" {
			t.Fatalf("%s: %+v %q", timeout, r.ExecuteResponse, r.output)
		}
	}
}

func TestStopEndsTheCall(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("begun"))
		w.(http.Flusher).Flush()
		cancel(plugin.ErrStopped)
		<-r.Context().Done()
	})
	r := callWith(t, ctx, newExecutor(t), url, "timeout", "0")
	if r.err != nil || r.Error != "stopped on request" || r.TimedOut {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
}

func TestShutdownTellsItsCause(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("node leaves"))
	wantError(t, callWith(t, ctx, newExecutor(t), answer(t, 200, "")), "stopped: node leaves")
}

func TestLargeBodyStreamsThrough(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 300_000)
	r := call(t, answer(t, 200, string(body)), "expectBody", "^0123")
	wantError(t, r, "")
	if r.output != string(body) {
		t.Fatalf("%d bytes of %d", len(r.output), len(body))
	}
	// Only the first MiB is searched.
	r = call(t, answer(t, 200, string(body)+"end"), "expectBody", "end")
	wantError(t, r, "received response body did not match the expected body")
}

func TestTruncatedBodyIsAFailure(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("short"))
	})
	r := call(t, url)
	wantError(t, r, "unexpected EOF")
	if r.output != "short" {
		t.Fatalf("%q", r.output)
	}
}

func TestDebugShowsTheConfigurationWithoutSecrets(t *testing.T) {
	r := call(t, answer(t, 200, "body"), "debug", "1", "method", "POST",
		"headers", `["Authorization: Bearer s3cret", "X-Api-Key: s3cret", "Cookie: a=s3cret", "Accept: text/plain"]`,
		"body", `{"user": "anna", "password": "s3cret \" s3cret", "n": 1, access_token=s3cret&x=y}`,
		"tlsNoVerifyPeer", "false", "token", "s3cret")
	wantError(t, r, "")
	if !strings.HasPrefix(r.output, "Config: map[string]string{") || !strings.HasSuffix(r.output, "\nbody") {
		t.Fatalf("%q", r.output)
	}
	for _, shown := range []string{"Accept: text/plain", "anna", "x=y", "POST"} {
		if !strings.Contains(r.output, shown) {
			t.Errorf("%q is not shown in %s", shown, r.output)
		}
	}
	if strings.Contains(r.output, "s3cret") {
		t.Errorf("a secret is shown in %s", r.output)
	}
	r = call(t, "http://u:s3cret@127.0.0.1:1/p?q=1&api_key=s3cret", "debug", "x")
	if strings.Contains(r.output, "s3cret") || !strings.Contains(r.output, "q=1") {
		t.Errorf("%s", r.output)
	}
}

func TestConnectionsAreReusedOnlyWhereARepetitionIsHarmless(t *testing.T) {
	conns := make(map[string]bool)
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { conns[r.RemoteAddr] = true })
	e := newExecutor(t)
	for range 5 {
		wantError(t, callWith(t, t.Context(), e, url), "")
	}
	if len(conns) != 1 {
		t.Errorf("5 GETs used %d connections", len(conns))
	}
	clear(conns)
	for range 5 {
		wantError(t, callWith(t, t.Context(), e, url, "method", "POST", "body", "x"), "")
	}
	if len(conns) != 5 {
		t.Errorf("5 POSTs used %d connections", len(conns))
	}
}

func FuzzAnyConfigurationIsSurvived(f *testing.F) {
	url := answer(f, 200, "body")
	e := newExecutor(f)
	f.Add("GET", "/", `["A: b"]`, "", "1", "200", ".", "true")
	f.Add("\x00", "\x7f:", `["no colon", "", ":", "\u0000: x"]`, "x", "-", "xx,,1e3", "(", "maybe")
	f.Fuzz(func(t *testing.T, method, path, headers, body, timeout, code, match, flag string) {
		// Whatever the path is, only our server may be asked.
		if strings.HasPrefix(path, "/") {
			path = url + path
		} else if strings.Contains(path, ":") || strings.Contains(path, "//") {
			path = ":" + path
		}
		_, _ = e.Execute(t.Context(), request(map[string]string{
			"method": method, "url": path, "headers": headers, "body": body, "timeout": timeout, "expectCode": code,
			"expectBody": match, "failOnError": flag, "tlsNoVerifyPeer": flag, "debug": flag,
		}), &recorder{})
	})
}
