package access_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// secretIn returns a body that signs in with a token.
func secretIn(authorization string) string {
	return `{"secret":"` + strings.TrimPrefix(authorization, "Bearer ") + `"}`
}

// signIn returns the cookie of a new session of a token.
func (n *node) signIn(authorization string) string {
	n.t.Helper()
	a := n.ask("POST", "/v1/acl/session", "", secretIn(authorization))
	if a.status != 200 {
		n.t.Fatalf("%d %s", a.status, a.body)
	}
	return cookieOf(n.t, a).Name + "=" + cookieOf(n.t, a).Value
}

func cookieOf(t *testing.T, a answer) *http.Cookie {
	t.Helper()
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d %s: %d cookies", a.status, a.body, len(cookies))
	}
	return cookies[0]
}

func TestABrowserSignsInSeesWhoItIsAndSignsOut(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	operator, accessor := n.client(root, `{"name":"ann","policies":["operator"]}`)
	a := n.ask("POST", "/v1/acl/session", "", secretIn(operator))
	c := cookieOf(t, a)
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Secure || c.MaxAge < 12*3600-60 || c.MaxAge > 12*3600 || c.Domain != "" {
		t.Errorf("the cookie is %q", c)
	}
	if strings.Contains(a.body, c.Value) || strings.Contains(operator, c.Value) || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the secret is shown: %s %v", a.body, a.header)
	}
	browser := c.Name + "=" + c.Value
	var who struct {
		AccessControl bool   `json:"access_control"`
		SignedIn      bool   `json:"signed_in"`
		Accessor      string `json:"accessor"`
		Name          string `json:"name"`
		ExpiresAt     string `json:"expires_at"`
		May           map[string]string
	}
	if got := n.ask("GET", "/v1/acl/session", browser, ""); got.status != 200 || got.body != a.body || json.Unmarshal([]byte(got.body), &who) != nil {
		t.Fatalf("%d %s, and at sign-in %s", got.status, got.body, a.body)
	}
	if !who.AccessControl || !who.SignedIn || who.Accessor != accessor || who.Name != "ann" || who.ExpiresAt == "" ||
		who.May["run"] != "all" || who.May["read"] != "all" || who.May["write"] != "none" || who.May["manage"] != "none" {
		t.Errorf("%+v", who)
	}
	if a := n.ask("POST", "/v1/jobs", browser, `{"name":"a"`+aJob); a.status != 403 || !strings.Contains(a.body, `token "ann" may not write`) {
		t.Errorf("it may do more than its token: %d %s", a.status, a.body)
	}
	for _, wrong := range []string{"Bearer " + c.Value, "Bearer x", "Basic eDp5"} {
		if a := n.ask("GET", "/v1/jobs", wrong, "", "Cookie", browser); a.status != 401 {
			t.Errorf("%q beside the cookie: %d", wrong, a.status)
		}
	}
	token := "dkron_session=" + strings.TrimPrefix(operator, "Bearer ")
	if a := n.ask("GET", "/v1/jobs", token, ""); a.status != 401 {
		t.Errorf("a token's secret as a cookie: %d", a.status)
	}
	lines, stays := n.stream("/v1/events", browser), n.stream("/v1/events", operator)
	out := n.ask("DELETE", "/v1/acl/session", browser, "")
	if c := cookieOf(t, out); out.status != 200 || c.MaxAge >= 0 || c.Value != "" {
		t.Errorf("%d %s, cookie %q", out.status, out.body, c)
	}
	if !ends(lines) {
		t.Error("the stream goes on after sign-out")
	}
	if a := n.ask("GET", "/v1/jobs", browser, ""); a.status != 401 || !strings.Contains(a.body, "sign in again") || a.header.Get("WWW-Authenticate") == "" {
		t.Errorf("after sign-out: %d %s", a.status, a.body)
	}
	if a := n.ask("DELETE", "/v1/acl/session", browser, ""); a.status != 200 {
		t.Errorf("sign-out again: %d %s", a.status, a.body)
	}
	n.ask("POST", "/v1/jobs", root, `{"name":"a"`+aJob)
	if !has(stays, `"job":"a"`) {
		t.Error("the token itself was signed out")
	}
}

func TestASessionEndsWithItsToken(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	deleted, accessor := n.client(root, `{"policies":["viewer"]}`)
	expiring, _ := n.client(root, `{"policies":["viewer"],"ttl":"2s"}`)
	changed, _ := n.client(root, `{"policies":["viewer"]}`)
	a := n.ask("POST", "/v1/acl/session", "", secretIn(expiring))
	if c := cookieOf(t, a); c.MaxAge > 2 {
		t.Errorf("the cookie outlives the token: %q", c)
	}
	expired := "dkron_session=" + cookieOf(t, a).Value
	first, second, third := n.signIn(deleted), n.signIn(changed), n.signIn(changed)
	of := map[string]<-chan string{first: n.stream("/v1/events", first), expired: n.stream("/v1/events", expired)}
	n.ask("DELETE", "/v1/acl/tokens/"+accessor, root, "")
	for browser, lines := range of {
		if !ends(lines) {
			t.Errorf("the stream of session %s goes on", browser)
		}
		if a := n.ask("GET", "/v1/jobs", browser, ""); a.status != 401 {
			t.Errorf("%d", a.status)
		}
	}
	if a := n.ask("DELETE", "/v1/acl/session?all", second, ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, browser := range []string{second, third} {
		if a := n.ask("GET", "/v1/jobs", browser, ""); a.status != 401 {
			t.Errorf("after the sign-out of all: %d", a.status)
		}
	}
	if a := n.ask("DELETE", "/v1/acl/session?all", second, ""); a.status != 401 {
		t.Errorf("all, by nobody: %d", a.status)
	}
	n.signIn(changed)
}

func TestAForeignPageCannotUseTheSessionOfABrowser(t *testing.T) {
	n := server(t, "DKRON_HTTP_ALLOWED_ORIGINS=https://ops.example.com,*")
	root := n.bootstrap()
	browser := n.signIn(root)
	host := strings.TrimPrefix(n.url, "http://")
	foreign := [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "http://127.0.0.1:1"}, {"Sec-Fetch-Site", "cross-site"},
		{"Origin", "http://" + host, "Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example", "Sec-Fetch-Site", "same-site"},
	}
	own := [][]string{
		{}, {"Origin", n.url}, {"Origin", n.url, "Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"},
		{"Origin", "https://proxy.example", "Sec-Fetch-Site", "same-origin"}, {"Origin", "https://ops.example.com", "Sec-Fetch-Site", "cross-site"},
	}
	for _, kind := range []string{"application/json", "text/plain"} {
		for _, headers := range foreign {
			headers = append([]string{"Content-Type", kind}, headers...)
			for _, op := range []string{"POST /v1/jobs", "POST /v1/pause", "DELETE /v1/jobs/a", "PUT /v1/settings", "POST /v1/leave", "DELETE /v1/acl/session", "DELETE /v1/acl/session?all"} {
				method, path, _ := strings.Cut(op, " ")
				if a := n.ask(method, path, browser, "{}", headers...); a.status != 403 || !strings.Contains(a.body, "another origin") {
					t.Errorf("%s with %v: %d %s", op, headers, a.status, a.body)
				}
			}
			if a := n.ask("POST", "/v1/acl/session", "", secretIn(root), headers...); a.status != 403 || a.header.Get("Set-Cookie") != "" {
				t.Errorf("a foreign page signs the browser in with %v: %d %s", headers, a.status, a.body)
			}
		}
	}
	for i, headers := range own {
		if a := n.ask("POST", "/v1/jobs", browser, `{"name":"a`+strconv.Itoa(i)+`"`+aJob, headers...); a.status != 201 {
			t.Errorf("%v: %d %s", headers, a.status, a.body)
		}
	}
	if a := n.ask("POST", "/v1/jobs", root, `{"name":"a"`+aJob, "Origin", "https://evil.example"); a.status != 201 {
		t.Errorf("a page with a token of its own: %d %s", a.status, a.body)
	}
	a := n.ask("POST", "/v1/acl/session", "", secretIn(root), "Origin", "https://"+host)
	if c := cookieOf(t, a); !c.Secure {
		t.Errorf("a page that came by HTTPS to a proxy got %q", c)
	}
}

func TestAttemptsToSignInAreSlowedDown(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	for range 8 { // a program with a bad token must not keep people out
		n.ask("GET", "/v1/jobs", "Bearer x", "")
	}
	n.signIn(root)
	for body, status := range map[string]int{"": 400, "x": 400, "[]": 400, `{"secret":""}`: 400, `{"token":"x"}`: 400, `{"secret":7}`: 400} {
		if a := n.ask("POST", "/v1/acl/session", "", body); a.status != status || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	for range 5 {
		if a := n.ask("POST", "/v1/acl/session", "", `{"secret":"dkron_x"}`); a.status != 401 || a.header.Get("Set-Cookie") != "" || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if a := n.ask("POST", "/v1/acl/session", "", secretIn(root)); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("guesses are not slowed down: %d %s", a.status, a.body)
	}
	if a := n.ask("GET", "/v1/jobs", root, ""); a.status != 200 {
		t.Errorf("programs are slowed down too: %d %s", a.status, a.body)
	}
}

func TestASessionIsOneOfTheWholeCluster(t *testing.T) {
	nodes := make([]*node, 3)
	gossip := make([]string, 3)
	for i := range nodes {
		settings := []string{"DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=3"}
		if i > 0 {
			settings = append(settings, "DKRON_RETRY_JOIN="+strings.Join(gossip[:i], ","))
		}
		nodes[i] = start(t, "n"+strconv.Itoa(i+1), settings...)
		gossip[i] = nodes[i].gossip
	}
	for _, n := range nodes {
		n.until("the server is ready", func() bool { return n.ask("GET", "/ready", "", "").status == 200 })
	}
	agent := start(t, "a1", "DKRON_RETRY_JOIN="+gossip[0])
	root := nodes[1].bootstrap()
	viewer, _ := nodes[0].client(root, `{"policies":["viewer"]}`)
	browser, other := nodes[2].signIn(root), nodes[1].signIn(viewer)
	agent.until("the agent knows the servers", func() bool { return agent.ask("GET", "/v1/jobs", root, "").status == 200 })
	all := append([]*node{agent}, nodes...)
	for i, n := range all {
		n.until("the session is known", func() bool { return n.ask("GET", "/v1/jobs", browser, "").status == 200 })
		if a := n.ask("GET", "/v1/acl/session", browser, ""); a.status != 200 || !strings.Contains(a.body, `"signed_in":true`) {
			t.Errorf("%d: %d %s", i, a.status, a.body)
		}
	}
	if a := agent.ask("POST", "/v1/leave", browser, "", "Origin", "https://evil.example"); a.status != 403 {
		t.Errorf("a foreign page sends an agent away: %d %s", a.status, a.body)
	}
	if a := agent.ask("POST", "/v1/leave", other, ""); a.status != 403 {
		t.Errorf("a viewer sends an agent away: %d %s", a.status, a.body)
	}
	leader := -1
	for i, n := range nodes {
		if n.ask("GET", "/v1/isleader", "", "").status == 200 {
			leader = i
		}
	}
	if leader < 0 {
		t.Fatal("nobody leads")
	}
	nodes[leader].stop()
	left := append(append([]*node{}, nodes[:leader]...), nodes[leader+1:]...)
	left[0].until("another leads", func() bool { return left[0].ask("DELETE", "/v1/acl/session", other, "").status == 200 })
	for _, n := range left {
		n.until("the sign-out is known", func() bool { return n.ask("GET", "/v1/jobs", other, "").status == 401 })
		if a := n.ask("GET", "/v1/jobs", browser, ""); a.status != 200 {
			t.Errorf("after a change of leader: %d %s", a.status, a.body)
		}
	}
}

func TestNoSecretOfASessionIsInAnyFile(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	browser := n.signIn(root)
	n.ask("GET", "/v1/jobs", browser, "")
	secret := secretOf(browser)
	err := filepath.WalkDir(n.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), secret) {
			t.Errorf("%s has a secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := n.ask("GET", "/v1/acl/tokens", root, ""); strings.Contains(a.body, secret) {
		t.Error("the list of tokens has a secret")
	}
}

func TestWithoutAccessControlAnybodyIsWelcome(t *testing.T) {
	n := server(t, "DKRON_ACL_ENABLED=false")
	a := n.ask("GET", "/v1/acl/session", "", "")
	if a.status != 200 || !strings.Contains(a.body, `"access_control":false`) || strings.Contains(a.body, "none") || strings.Contains(a.body, "some") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := n.ask("POST", "/v1/acl/session", "", secretIn("x")); a.status != 409 || a.header.Get("Set-Cookie") != "" || !strings.Contains(a.body, "--acl-enabled") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := n.ask("GET", "/v1/jobs", "dkron_session=x", ""); a.status != 200 {
		t.Errorf("an old cookie: %d %s", a.status, a.body)
	}
}

func TestOneBrowserIsSignedInToTwoClustersOnOneHost(t *testing.T) {
	one, two := server(t), server(t)
	b := newBrowser(t)
	var clusters []string
	for _, n := range []*node{one, two} {
		root := n.bootstrap()
		var about struct {
			ID string `json:"cluster_id"`
		}
		n.until("the server knows its cluster", func() bool {
			return json.Unmarshal([]byte(n.ask("GET", "/v1/cluster", root, "").body), &about) == nil && about.ID != ""
		})
		clusters = append(clusters, about.ID)
		resp, err := b.http.Post(n.url+"/v1/acl/session", "application/json", strings.NewReader(secretIn(root)))
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		resp.Body.Close()
	}
	for _, n := range []*node{one, two} {
		if a := b.get(n.url + "/v1/jobs"); a.status != 200 {
			t.Errorf("cluster %v at %s: %d %s", clusters, n.url, a.status, a.body)
		}
	}
	cookies := b.http.Jar.Cookies(mustURL(t, one.url))
	if len(cookies) != 2 || len(cookies[0].Name) != len("dkron_session_")+8 {
		t.Fatalf("%v", cookies)
	}
	session := secretAt(t, one, cookies)
	if a := one.ask("GET", "/v1/jobs", "dkron_session="+session, ""); a.status != 200 {
		t.Errorf("a session that began under the plain name: %d", a.status)
	}
	out := one.ask("DELETE", "/v1/acl/session", "dkron_session="+session, "")
	if a := one.ask("GET", "/v1/jobs", "dkron_session="+session, ""); out.status != 200 || a.status != 401 || len(out.header["Set-Cookie"]) != 2 {
		t.Errorf("signed out of that: %d, %d, %v", out.status, a.status, out.header["Set-Cookie"])
	}
	if a := b.get(two.url + "/v1/jobs"); a.status != 200 {
		t.Errorf("that signed out of the other cluster: %d", a.status)
	}
}

// secretAt returns the secret of the cookie with which a server knows a browser.
func secretAt(t *testing.T, n *node, cookies []*http.Cookie) string {
	t.Helper()
	for _, c := range cookies {
		if n.ask("GET", "/v1/jobs", c.Name+"="+c.Value, "").status == 200 {
			return c.Value
		}
	}
	t.Fatal("the server knows none of the cookies")
	return ""
}
