package access_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// naming is the settings of servers to which a proxy names users, without the proxy.
var naming = []string{
	"DKRON_HTTP_USER_HEADER=X-Forwarded-User", "DKRON_HTTP_GROUPS_HEADER=X-Forwarded-Groups",
	"DKRON_HTTP_HEADER_ROLES=viewer=viewer,operator=operator,editor=editor,admin=admin,manager=management,old=gone",
}

// proxied returns a server that trusts a proxy at 127.0.0.9; tests have other addresses.
func proxied(t *testing.T, more ...string) *node {
	t.Helper()
	return server(t, append(append(naming, "DKRON_HTTP_TRUSTED_PROXIES=127.0.0.9"), more...)...)
}

// send writes a request as it is, from an address, and returns the status of the answer and its body.
func (n *node) send(from, request string) (status int, body string) {
	n.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: time.Minute}
	conn, err := d.DialContext(context.Background(), "tcp", strings.TrimPrefix(n.url, "http://"))
	if err != nil {
		n.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := fmt.Fprint(conn, strings.ReplaceAll(request, "\n", "\r\n")); err != nil {
		n.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	var text strings.Builder
	_, _ = bufio.NewReader(resp.Body).WriteTo(&text)
	return resp.StatusCode, text.String()
}

// named sends a request from the proxy, with headers.
func (n *node) named(method, path, body string, headers ...string) (int, string) {
	n.t.Helper()
	return n.send("127.0.0.9", fmt.Sprintf("%s %s HTTP/1.1\nHost: dkron\nConnection: close\nContent-Type: application/json\nContent-Length: %d\n%s\n\n%s",
		method, path, len(body), strings.Join(headers, "\n"), body))
}

const annRuns = "X-Forwarded-User: ann\nX-Forwarded-Groups: staff, operator"

func TestATrustedProxyNamesTheUser(t *testing.T) {
	n := proxied(t)
	root := n.bootstrap()
	const annWrites = "X-Forwarded-User: ann\nX-Forwarded-Groups: editor"
	if status, body := n.named("POST", "/v1/jobs", `{"name":"a"`+aJob, annWrites, "X-Forwarded-For: 198.51.100.9"); status != 201 || !strings.Contains(body, `"owner":"ann"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := n.named("POST", "/v1/jobs", `{"name":"b"`+aJob, annRuns); status != 403 || !strings.Contains(body, `user "ann" may not write`) {
		t.Errorf("%d %s", status, body)
	}
	status, body := n.named("GET", "/v1/acl/session", "", annRuns)
	var who struct {
		SignedIn bool `json:"signed_in"`
		How      string
		Name     string
		Policies []string
	}
	if json.Unmarshal([]byte(body), &who) != nil || status != 200 || who.SignedIn || who.How != "header" || who.Name != "ann" || fmt.Sprint(who.Policies) != "[operator]" {
		t.Errorf("%d %s", status, body)
	}
	for groups, want := range map[string]string{"staff": "none of the groups staff has a policy", "": "the proxy names no groups", "old": "do not exist: gone"} {
		if status, body := n.named("GET", "/v1/acl/session", "", "X-Forwarded-User: bob\nX-Forwarded-Groups: "+groups); status != 403 || !strings.Contains(body, want) {
			t.Errorf("groups %q: %d %s", groups, status, body)
		}
	}
	if status, _ := n.named("DELETE", "/v1/acl/session?all", "", annRuns); status != 200 {
		t.Errorf("sign-out: %d", status)
	}
	if audit := n.ask("GET", "/v1/audit?object=a", root, ""); !strings.Contains(audit.body, `"who":{"name":"ann","accessor":"","how":"header","address":"198.51.100.9"`) {
		t.Error(audit.body)
	}
	if audit := n.ask("GET", "/v1/audit?refused=true", root, ""); !strings.Contains(audit.body, `"who":{"name":"bob","accessor":"","how":"header"`) {
		t.Error(audit.body)
	}
}

func TestATokenComesBeforeTheProxysWord(t *testing.T) {
	n := proxied(t)
	root := n.bootstrap()
	viewer, _ := n.client(root, `{"name":"dashboard","policies":["viewer"]}`)
	browser := n.signIn(viewer)
	for _, c := range []struct {
		headers []string
		status  int
		want    string
	}{
		{[]string{"Authorization: " + viewer, annRuns}, 200, `"name":"dashboard"`},
		{[]string{annRuns, "Authorization: " + root}, 200, `"type":"management"`},
		{[]string{"Authorization: " + viewer, "X-Forwarded-User: ann", "X-Forwarded-User: eve"}, 200, `"name":"dashboard"`},
		{[]string{"Authorization: Bearer wrong", annRuns}, 401, "valid token"},
		{[]string{"Cookie: " + browser, annRuns}, 200, `"name":"dashboard"`},
		{[]string{"Cookie: " + browser + "x", annRuns}, 200, `"name":"ann"`}, // it has ended
		{[]string{annRuns}, 200, `"name":"ann"`},
	} {
		if status, body := n.named("GET", "/v1/acl/session", "", c.headers...); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%q: %d %s", c.headers, status, body)
		}
	}
}

func TestAForeignPageChangesNothingThroughTheProxy(t *testing.T) {
	n := proxied(t)
	n.bootstrap()
	for _, c := range []struct {
		headers string
		status  int
	}{
		{"Origin: https://evil.example", 403}, {"Origin: https://evil.example\nSec-Fetch-Site: cross-site", 403}, {"Origin: http://dkron:1\nSec-Fetch-Site: same-site", 403},
		{"Origin: http://dkron\nSec-Fetch-Site: same-origin", 404}, {"Origin: http://dkron", 404}, {"X-A: no browser", 404},
	} {
		if status, body := n.named("POST", "/v1/jobs/none/run", "", annRuns, c.headers); status != c.status {
			t.Errorf("%s: %d %s", c.headers, status, body)
		}
	}
	if status, _ := n.named("GET", "/v1/jobs", "", annRuns, "Origin: https://evil.example"); status != 200 {
		t.Errorf("a read, whose answer the browser keeps from that page: %d", status)
	}
}

func TestNobodyButTheProxyNamesAUser(t *testing.T) {
	n := proxied(t)
	n.bootstrap()
	settings := append(append(naming, "DKRON_HTTP_TRUSTED_PROXIES=127.0.0.9"), "DKRON_RETRY_JOIN="+n.gossip)
	agents := map[string]*node{"an agent": start(t, "a1", "DKRON_RETRY_JOIN="+n.gossip), "an agent with the settings": start(t, "a2", settings...)}
	for name, a := range agents {
		a.until("the agent knows the server", func() bool { return a.ask("GET", "/v1/acl/session", "", "").status == 401 })
		for _, from := range []string{"127.0.0.1", "127.0.0.9"} {
			for _, path := range []string{"/v1/jobs", "/v1/acl/self?may=admin", "/metrics"} {
				if status, body := a.send(from, "GET "+path+" HTTP/1.1\nHost: dkron\nConnection: close\nX-Forwarded-User: ann\nX-Forwarded-Groups: manager\n\n"); status != 401 {
					t.Errorf("%s, asked by %s: %s: %d %s", name, from, path, status, body)
				}
			}
			if status, _ := a.send(from, "POST /v1/leave HTTP/1.1\nHost: dkron\nConnection: close\nContent-Length: 0\nX-Forwarded-User: ann\nX-Forwarded-Groups: manager\n\n"); status != 401 {
				t.Errorf("%s is sent away by %s: %d", name, from, status)
			}
		}
	}
	const head, manager = "GET /v1/jobs HTTP/1.1\nHost: dkron\nConnection: close\n", "X-Forwarded-User: ann\nX-Forwarded-Groups: manager\n"
	for _, c := range []struct {
		name, from, request string
		status              int
	}{
		{"a client", "127.0.0.1", head + manager, 401},
		{"a client that says it is the proxy", "127.0.0.1", head + manager + "X-Forwarded-For: 127.0.0.9\nForwarded: for=127.0.0.9\n", 401},
		{"a client, with both headers twice", "127.0.0.1", head + manager + manager, 401},
		{"the proxy, which passes on what a client has sent", "127.0.0.9", head + "X-Forwarded-User: root\n" + manager, 403},
		{"the same in small letters", "127.0.0.9", head + "x-forwarded-user: root\n" + manager, 403},
		{"groups twice", "127.0.0.9", head + manager + "X-Forwarded-Groups: staff\n", 403},
		{"groups alone", "127.0.0.9", head + "X-Forwarded-Groups: manager\n", 401},
		{"an empty name", "127.0.0.9", head + "X-Forwarded-User: \nX-Forwarded-Groups: manager\n", 401},
		{"another spelling", "127.0.0.9", head + "X_Forwarded_User: ann\nX-Forwarded-Groups: manager\n", 401},
		{"a control character", "127.0.0.9", head + "X-Forwarded-User: a\x01nn\nX-Forwarded-Groups: manager\n", 400},
		{"a zero", "127.0.0.9", head + "X-Forwarded-User: ann\x00\nX-Forwarded-Groups: manager\n", 400},
		{"a tab", "127.0.0.9", head + "X-Forwarded-User: an\tn\nX-Forwarded-Groups: manager\n", 403},
		{"a control character of Unicode", "127.0.0.9", head + "X-Forwarded-User: ann\u0085\nX-Forwarded-Groups: manager\n", 403},
		{"a letter that can't be seen", "127.0.0.9", head + "X-Forwarded-User: a\u200dnn\nX-Forwarded-Groups: manager\n", 403},
		{"a line that goes on", "127.0.0.9", head + "X-Forwarded-User: ann\n eve\nX-Forwarded-Groups: manager\n", 200}, // "ann eve", as one name
		{"the proxy itself", "127.0.0.9", head + manager, 200},
	} {
		if status, body := n.send(c.from, c.request+"\n"); status != c.status {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
	trailer := "POST /v1/jobs/none/run HTTP/1.1\nHost: dkron\nConnection: close\nTransfer-Encoding: chunked\nTrailer: X-Forwarded-User\n\n0\nX-Forwarded-User: ann\n\n"
	if status, _ := n.send("127.0.0.9", trailer); status != 401 {
		t.Errorf("a name after the body: %d", status)
	}
}

func TestAStreamOfANamedUserEndsWithWhatThePolicyAllows(t *testing.T) {
	n := server(t, "DKRON_HTTP_USER_HEADER=X-Forwarded-User", "DKRON_HTTP_HEADER_DEFAULT_ROLE=team", "DKRON_HTTP_TRUSTED_PROXIES=127.0.0.1")
	root := n.bootstrap()
	if a := n.ask("POST", "/v1/acl/policies/team", root, team); a.status != 200 {
		t.Fatal(a)
	}
	lines := n.stream("/v1/events", "ann of nothing")
	if a := n.ask("POST", "/v1/acl/policies/team", root, `{"rules":[{"prefix":"x","verbs":["read"]}]}`); a.status != 200 {
		t.Fatal(a)
	}
	if !ends(lines) {
		t.Error("a stream goes on although its user may do something else now")
	}
}
