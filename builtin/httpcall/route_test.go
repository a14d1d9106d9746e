package httpcall_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"dkron/builtin/httpcall"
	"dkron/plugin"
)

// relay is a proxy for http and, by CONNECT, for https. It counts the requests that name its user.
func relay(t *testing.T) (address string, used *atomic.Int32) {
	t.Helper()
	used = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") == "Basic dXNlcjpzZXNhbWU=" {
			used.Add(1)
		}
		if r.Method != http.MethodConnect {
			io.WriteString(w, "by the proxy: "+r.URL.String())
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		go func() { io.Copy(there, buffered); there.Close() }()
		io.Copy(here, there)
		here.Close()
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("user", "sesame")
	return u.String(), used
}

func TestRequestsGoThroughTheProxy(t *testing.T) {
	proxy, used := relay(t)
	r := call(t, "http://nowhere.invalid/x?y=1", "proxy", proxy)
	if r.err != nil || r.Error != "" || r.output != "by the proxy: http://nowhere.invalid/x?y=1" || used.Load() != 1 {
		t.Errorf("got %+v, %v, %q", r.ExecuteResponse, r.err, r.output)
	}
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "by the server") }))
	defer secure.Close()
	r = call(t, secure.URL, "proxy", proxy, "tlsNoVerifyPeer", "true")
	if r.err != nil || r.Error != "" || r.output != "by the server" || used.Load() != 2 {
		t.Errorf("got %+v, %v, %q", r.ExecuteResponse, r.err, r.output)
	}
}

// TestASOCKSProxyGetsTheName looks a name up at the proxy, as socks5h means. The proxy is the answering server itself.
func TestASOCKSProxyGetsTheName(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	asked := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := bufio.NewReader(c)
		in.Discard(3) // version 5, one method: none
		c.Write([]byte{5, 0})
		head := make([]byte, 5) // version, connect, 0, a name, its length
		io.ReadFull(in, head)
		name := make([]byte, head[4]+2)
		io.ReadFull(in, name)
		asked <- string(name[:head[4]])
		c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		http.ReadRequest(in)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	}()
	r := call(t, "http://inside.example/x", "proxy", "socks5h://"+l.Addr().String())
	if r.err != nil || r.Error != "" || r.output != "ok" {
		t.Fatalf("got %+v, %v, %q", r.ExecuteResponse, r.err, r.output)
	}
	if name := <-asked; name != "inside.example" {
		t.Errorf("the proxy was asked for %q", name)
	}
}

func TestARequestGoesToTheUnixSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Host+r.URL.Path)
	})}}
	s.Start()
	defer s.Close()
	if r := call(t, "http://docker/version", "unixSocket", socket); r.err != nil || r.Error != "" || r.output != "docker/version" {
		t.Errorf("got %+v, %v, %q", r.ExecuteResponse, r.err, r.output)
	}
	if r := call(t, "http://docker/version", "unixSocket", socket+"-"); r.err != nil || !strings.Contains(r.Error, "no such file") {
		t.Errorf("got %+v, %v", r.ExecuteResponse, r.err)
	}
}

func TestAFileIsTheBodyAlsoAfterARedirect(t *testing.T) {
	var lengths []int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lengths = append(lengths, r.ContentLength)
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "/to", http.StatusTemporaryRedirect)
			return
		}
		io.Copy(w, r.Body)
	}))
	defer s.Close()
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("all of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := call(t, s.URL+"/from", "method", "POST", "bodyFile", file)
	if r.err != nil || r.Error != "" || r.output != "all of it" || len(lengths) != 2 || lengths[1] != 9 {
		t.Errorf("got %+v, %v, %q, lengths %d", r.ExecuteResponse, r.err, r.output, lengths)
	}
	if r := call(t, s.URL, "method", "POST", "bodyFile", file, "body", "this"); r.output != "Warning: bodyFile is ignored, since body is set; remove one of them.\nthis" {
		t.Errorf("got %q", r.output)
	}
	for name, want := range map[string]string{file + "-": "bodyFile: stat " + file + "-: no such file or directory", filepath.Dir(file): "is not a regular file"} {
		if r := call(t, s.URL, "method", "POST", "bodyFile", name); r.err == nil || !strings.Contains(r.err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, r.err, want)
		}
	}
}

func TestRoutesThatCanNotBeAreRefused(t *testing.T) {
	for _, test := range []struct{ key, value, want string }{
		{"proxy", "proxy.example.com:3128", "begins with none of"},
		{"proxy", "ftp://proxy.example.com", "begins with none of"},
		{"proxy", "http://", "names no host"},
		{"proxy", "http://user:sesame@%zz", "can't be parsed"},
	} {
		problems := httpcall.New(nil).Check(map[string]string{"method": "GET", "url": "http://x", test.key: test.value})
		if len(problems) != 1 || problems[0].Key != test.key || problems[0].Severity != plugin.Hopeless || !strings.Contains(problems[0].Text, test.want) ||
			strings.Contains(problems[0].Text, "sesame") {
			t.Errorf("%s %s: %+v", test.key, test.value, problems)
		}
	}
	problems := httpcall.New(nil).Check(map[string]string{"method": "GET", "url": "http://x", "proxy": "http://p:1", "unixSocket": "/s"})
	if len(problems) != 1 || problems[0].Key != "unixSocket" || problems[0].Severity != plugin.Hopeless {
		t.Errorf("both: %+v", problems)
	}
}

func TestAProxysPasswordIsNotShown(t *testing.T) {
	proxy, _ := relay(t)
	if r := call(t, "http://nowhere.invalid/", "proxy", proxy, "debug", "true"); strings.Contains(r.output, "sesame") || !strings.Contains(r.output, "proxy") {
		t.Errorf("the output is %q", r.output)
	}
	if r := call(t, "http://nowhere.invalid/", "proxy", "http://user:sesame@127.0.0.1:1"); r.Error == "" || strings.Contains(r.Error, "sesame") {
		t.Errorf("the error is %q", r.Error)
	}
}
