package access_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/internal/app"
	"dkron/internal/config"
	"dkron/internal/porttest"
)

// node is a node of a cluster with access control.
type node struct {
	t      *testing.T
	url    string
	gossip string
	dir    string
	stop   func() // ends it, unless it has ended
}

func start(t *testing.T, name string, settings ...string) *node {
	t.Helper()
	n := &node{t: t, gossip: porttest.Addr(t), dir: t.TempDir()}
	addr := porttest.Addr(t)
	n.url = "http://" + addr
	env := append([]string{
		"DKRON_NODE_NAME=" + name, "DKRON_DATA_DIR=" + n.dir, "DKRON_BIND_ADDR=" + n.gossip, "DKRON_RPC_PORT=" + porttest.Port(t),
		"DKRON_HTTP_ADDR=" + addr, "DKRON_PROFILE=local", "DKRON_ACL_ENABLED=true", "DKRON_ENABLE_PROMETHEUS=true",
	}, settings...)
	cfg, _, err := config.Load(nil, env, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx, cfg, "test", slog.New(slog.DiscardHandler)) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { n.stop() })
	return n
}

func server(t *testing.T, settings ...string) *node {
	t.Helper()
	n := start(t, "n1", append([]string{"DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1"}, settings...)...)
	n.until("the server is ready", func() bool { return n.ask("GET", "/ready", "", "").status == 200 })
	return n
}

func (n *node) until(what string, done func() bool) {
	n.t.Helper()
	for began := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			n.t.Fatal("waited too long until " + what)
		}
	}
}

// answer is an answer; of a stream only its head.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request of a client: a header Authorization, a cookie, whom a proxy names, or nobody if it is empty. More headers follow in pairs.
func (n *node) ask(method, path, client, body string, headers ...string) answer {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, n.url, strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	req.URL.Opaque = strings.TrimPrefix(n.url, "http:") + path // as it is written
	req.Header.Set("Content-Type", "application/json")
	prove(req, client)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return answer{}
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		data, _ := io.ReadAll(resp.Body)
		a.body = string(data)
	}
	return a
}

// prove adds who the client is to a request.
func prove(req *http.Request, client string) {
	switch {
	case strings.HasPrefix(client, "dkron_session"):
		req.Header.Set("Cookie", client)
	case strings.HasPrefix(client, "ann of "): // as a proxy names her
		req.Header.Set("X-Forwarded-User", "ann")
		req.Header.Set("X-Forwarded-Groups", "staff,"+strings.TrimPrefix(client, "ann of "))
	case client != "":
		req.Header.Set("Authorization", client)
	}
}

// bootstrap returns the first token, as the header has it.
func (n *node) bootstrap() string {
	n.t.Helper()
	return "Bearer " + n.token(n.ask("POST", "/v1/acl/bootstrap", "", ""))["secret"].(string)
}

func (n *node) token(a answer) map[string]any {
	n.t.Helper()
	t := make(map[string]any)
	if a.status != 200 || json.Unmarshal([]byte(a.body), &t) != nil {
		n.t.Fatalf("%d %s", a.status, a.body)
	}
	return t
}

// client makes a token with policies, and returns it as the header has it, and its accessor.
func (n *node) client(root string, fields string) (authorization, accessor string) {
	n.t.Helper()
	t := n.token(n.ask("POST", "/v1/acl/tokens", root, fields))
	return "Bearer " + t["secret"].(string), t["accessor"].(string)
}

// stream opens a stream and returns a channel that is closed at its end. It gets each line.
func (n *node) stream(path, client string) <-chan string {
	n.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	n.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", n.url+path, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	prove(req, client)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 200 {
		n.t.Fatal(err, resp)
	}
	lines := make(chan string, 10_000)
	go func() {
		defer close(lines)
		defer resp.Body.Close()
		for in := bufio.NewScanner(resp.Body); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return lines
}
