package access_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dkron/test/idp"
)

// offering returns a provider, and the settings of servers that offer it.
func offering(t *testing.T) (*idp.Provider, []string) {
	t.Helper()
	p, err := idp.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, []string{
		"DKRON_OIDC_ISSUER=" + p.Issuer, "DKRON_OIDC_CLIENT_ID=" + p.ClientID, "DKRON_OIDC_CLIENT_SECRET=" + idp.Secret,
		"DKRON_OIDC_ROLES=ops=operator,staff=viewer,root=management,lost=gone", "DKRON_OIDC_NAME=Example Corp",
	}
}

const callback = "/v1/signin/openid/callback"

// browser is a browser that follows redirects only on request.
type browser struct {
	t    *testing.T
	http *http.Client
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{t, &http.Client{Jar: jar, CheckRedirect: stay, Timeout: time.Minute}}
}

// get asks for an address as a link or a page does.
func (b *browser) get(address string) answer {
	b.t.Helper()
	resp, err := b.http.Get(address)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	return answer{status: resp.StatusCode, header: resp.Header, body: string(data)}
}

// follow goes on from an address until nothing redirects it, or it is about to come back to a server. It returns the last address.
func (b *browser) follow(address, until string) string {
	b.t.Helper()
	for range 10 {
		if until != "" && strings.Contains(address, until) {
			return address
		}
		a := b.get(address)
		if a.status/100 != 3 {
			return address
		}
		from, err := url.Parse(address)
		if err != nil {
			b.t.Fatal(err)
		}
		to, err := from.Parse(a.header.Get("Location"))
		if err != nil {
			b.t.Fatal(err)
		}
		address = to.String()
	}
	b.t.Fatal("it is redirected for ever")
	return ""
}

// cookie returns the value of a cookie of a server.
func (b *browser) cookie(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// session is the client of the browser's session, as ask takes it; empty if it is not signed in.
func (b *browser) session(server string) string {
	for _, c := range b.http.Jar.Cookies(mustURL(b.t, server)) {
		if strings.HasPrefix(c.Name, "dkron_session") {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// secretOf returns the secret in a session's cookie.
func secretOf(session string) string {
	_, secret, _ := strings.Cut(session, "=")
	return secret
}

// ways is the answer of /v1/signin.
type ways struct {
	Tokens bool
	OpenID *struct{ Name, Problem string }
	Failed *struct{ Text string }
}

func (b *browser) ways(server string) (w ways) {
	b.t.Helper()
	a := b.get(server + "/v1/signin")
	if a.status != 200 || json.Unmarshal([]byte(a.body), &w) != nil {
		b.t.Fatalf("%d %s", a.status, a.body)
	}
	return w
}

// failure returns why the last sign-in failed, and fails the test if it did not.
func (b *browser) failure(server string) string {
	b.t.Helper()
	w := b.ways(server)
	if w.Failed == nil || b.session(server) != "" {
		b.t.Errorf("it did not fail: %+v", w)
		return ""
	}
	return w.Failed.Text
}

func TestAPersonSignsInWithTheProvider(t *testing.T) {
	p, settings := offering(t)
	n := server(t, settings...)
	p.Allow(n.url + callback)
	root := n.bootstrap()
	p.SetGroups("ops", "unknown")
	b := newBrowser(t)
	if w := b.ways(n.url); !w.Tokens || w.OpenID == nil || w.OpenID.Name != "Example Corp" || w.OpenID.Problem != "" || w.Failed != nil {
		t.Errorf("%+v", w)
	}
	if last := b.follow(n.url+"/v1/signin/openid?return=jobs/a%3Fx=y", ""); last != n.url+"/ui/jobs/a?x=y" {
		t.Errorf("it ends at %s", last)
	}
	session := b.session(n.url)
	if session == "" {
		t.Fatalf("it is not signed in: %+v", b.ways(n.url))
	}
	var who struct {
		SignedIn bool `json:"signed_in"`
		How      string
		Accessor string
		Subject  string
		Name     string
		Policies []string
		May      map[string]string
	}
	a := n.ask("GET", "/v1/acl/session", session, "")
	if json.Unmarshal([]byte(a.body), &who) != nil || !who.SignedIn || who.How != "openid" || who.Accessor != "" || who.Subject != idp.Subject ||
		who.Name != idp.Name || !slices.Equal(who.Policies, []string{"operator"}) || who.May["run"] != "all" || who.May["write"] != "none" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := n.ask("POST", "/v1/jobs", session, `{"name":"a"`+aJob); a.status != 403 || !strings.Contains(a.body, `user "test-user2" may not write`) {
		t.Errorf("it may do more than its groups: %d %s", a.status, a.body)
	}
	if a := n.ask("GET", "/v1/acl/sessions", session, ""); a.status != 403 {
		t.Errorf("it manages access: %d", a.status)
	}
	if a := n.ask("GET", "/v1/jobs", "Bearer "+secretOf(session), ""); a.status != 401 {
		t.Errorf("a session is a token: %d", a.status)
	}
	if a := n.ask("POST", "/v1/pause", session, "", "Origin", "https://evil.example"); a.status != 403 {
		t.Errorf("a foreign page uses the session: %d", a.status)
	}
	n.ask("POST", "/v1/jobs", root, `{"name":"a"`+aJob)
	if a := n.ask("POST", "/v1/jobs/a/run", session, ""); a.status/100 != 2 {
		t.Errorf("%d %s", a.status, a.body)
	}
	lines := n.stream("/v1/events", session)
	if a := n.ask("DELETE", "/v1/acl/session", session, ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if !ends(lines) {
		t.Error("the stream goes on after sign-out")
	}
	if a := n.ask("GET", "/v1/jobs", session, ""); a.status != 401 {
		t.Errorf("after sign-out: %d", a.status)
	}
}

func TestCookiesOfASignInAreWhatTheyShouldBe(t *testing.T) {
	p, settings := offering(t)
	n := server(t, settings...)
	p.Allow(n.url + callback)
	p.SetGroups("staff")
	n.bootstrap()
	b := newBrowser(t)
	begun := b.get(n.url + "/v1/signin/openid")
	c := cookieOf(t, begun)
	if begun.status != 303 || c.Name != "dkron_signin" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 600 || c.Secure {
		t.Errorf("%d %q", begun.status, c)
	}
	to, err := url.Parse(begun.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"state", "nonce", "code_challenge"} {
		if strings.Contains(c.Value, to.Query().Get(secret)) {
			t.Errorf("the cookie shows %s", secret)
		}
	}
	back := b.get(b.follow(to.String(), n.url+callback))
	for _, c := range (&http.Response{Header: back.header}).Cookies() {
		switch {
		case c.Name == "dkron_signin" && c.MaxAge < 0:
		case strings.HasPrefix(c.Name, "dkron_session") && c.HttpOnly && c.SameSite == http.SameSiteStrictMode && c.MaxAge > 12*3600-60 && c.MaxAge <= 12*3600:
		default:
			t.Errorf("%q", c)
		}
	}
	if b.cookie(n.url, "dkron_signin") != "" {
		t.Error("what was needed for the sign-in is still there")
	}
	if back.header.Get("Location") != "../../../ui/" || back.header.Get("Referrer-Policy") != "no-referrer" || back.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", back.header)
	}
}

func TestWhoHasNoRoleLearnsWhichGroupsWereSeen(t *testing.T) {
	p, settings := offering(t)
	n := server(t, settings...)
	p.Allow(n.url + callback)
	root := n.bootstrap()
	b := newBrowser(t)
	p.SetGroups("guests", "<i>dev</i>")
	if last := b.follow(n.url+"/v1/signin/openid?return=nodes", ""); last != n.url+"/ui/nodes" {
		t.Errorf("it ends at %s", last)
	}
	if text := b.failure(n.url); !strings.Contains(text, "none of the groups <i>dev</i>, guests has a role") {
		t.Errorf("%q", text)
	}
	if w := b.ways(n.url); w.Failed != nil {
		t.Errorf("it is reported twice: %q", w.Failed.Text)
	}
	p.SetGroups("lost")
	b.follow(n.url+"/v1/signin/openid", "")
	if text := b.failure(n.url); !strings.Contains(text, "do not exist: gone") {
		t.Errorf("%q", text)
	}
	p.Deny(true)
	last := b.follow(n.url+"/v1/signin/openid", n.url+callback)
	b.follow(last, "")
	if text := b.failure(n.url); text != "the provider did not let you in, or you have cancelled" {
		t.Errorf("%q", text)
	}
	if a := n.ask("GET", strings.TrimPrefix(last, n.url), "", "", "Accept", "application/json"); a.status != 400 || strings.Contains(a.body, "<b>") {
		t.Errorf("%d %s", a.status, a.body)
	}
	refused := n.ask("GET", "/v1/audit?refused=true", root, "").body
	if !strings.Contains(refused, `"who":{"name":"`+idp.Name+`","accessor":"","how":"openid"`) || !strings.Contains(refused, `"subject":"`+idp.Subject+`"`) ||
		!strings.Contains(refused, `"action":"GET /v1/signin/openid/callback"`) || !strings.Contains(refused, "did not let you in") || strings.Count(refused, `"id":`) != 2 {
		t.Errorf("the audit: %s", refused)
	}
	b.http.Jar.SetCookies(mustURL(t, n.url), []*http.Cookie{{Name: "dkron_signin_failed", Value: "Zm9yZ2Vk", Path: "/"}})
	if w := b.ways(n.url); w.Failed != nil {
		t.Errorf("anybody puts words into the page: %q", w.Failed.Text)
	}
}

func mustURL(t *testing.T, text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestOnlyTheBrowserThatBeganASignInFinishesIt(t *testing.T) {
	p, settings := offering(t)
	n := server(t, settings...)
	p.Allow(n.url + callback)
	p.SetGroups("root")
	root := n.bootstrap()
	attacker, victim := newBrowser(t), newBrowser(t)
	link := attacker.follow(n.url+"/v1/signin/openid", n.url+callback) // with the attacker's code
	victim.follow(link, "")
	if text := victim.failure(n.url); !strings.Contains(text, "begin again") {
		t.Errorf("%q", text)
	}
	victim.follow(n.url+"/v1/signin/openid", p.Issuer) // it has begun one of its own
	victim.follow(link, "")
	if text := victim.failure(n.url); !strings.Contains(text, "not for this sign-in") {
		t.Errorf("%q", text)
	}
	kept := attacker.cookie(n.url, "dkron_signin")
	attacker.follow(link, "")
	if attacker.session(n.url) == "" {
		t.Fatalf("the browser itself: %+v", attacker.ways(n.url))
	}
	again := newBrowser(t)
	again.http.Jar.SetCookies(mustURL(t, n.url), []*http.Cookie{{Name: "dkron_signin", Value: kept, Path: "/"}})
	again.follow(link, "")
	if text := again.failure(n.url); !strings.Contains(text, "no longer accepts this sign-in") {
		t.Errorf("a code works twice: %q", text)
	}
	for i := 0; ; i++ {
		a := again.get(link)
		if a.status == 429 && a.header.Get("Retry-After") != "" {
			break
		}
		if i == 50 {
			t.Fatalf("attempts are not slowed down: %d", a.status)
		}
	}
	refused := n.ask("GET", "/v1/audit?refused=true", root, "").body
	if !strings.Contains(refused, `"status":401`) || !strings.Contains(refused, "begin again") || !strings.Contains(refused, `"status":429`) {
		t.Errorf("the audit: %s", refused)
	}
}

func TestASignInReturnsOnlyToThePage(t *testing.T) {
	p, settings := offering(t)
	n := server(t, settings...)
	p.Allow(n.url + callback)
	n.bootstrap()
	for _, to := range []string{
		"https://evil.example/", "//evil.example", "/evil", "/\\evil.example", "\\\\evil.example", "..", "../v1/leave", "a/../../x", "a/%2e%2e/%2e%2e/x",
		"javascript:alert(1)", "http:evil", " //evil.example", "a\nb", "a%zz", "mailto:x@y", strings.Repeat("a", 1001), "..\\x",
	} {
		if a := n.ask("GET", "/v1/signin/openid?return="+url.QueryEscape(to), "", ""); a.status != 400 || a.header.Get("Location") != "" || !strings.Contains(a.body, "return must be") {
			t.Errorf("%q: %d %s %s", to, a.status, a.header.Get("Location"), a.body)
		}
	}
	for _, to := range []string{"", "jobs", "jobs/a%3Ab?x=https://evil.example#part", "jobs?health=failing,late", "jobs/a..b"} {
		if a := n.ask("GET", "/v1/signin/openid?return="+url.QueryEscape(to), "", ""); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), p.Issuer) {
			t.Errorf("%q: %d %s", to, a.status, a.body)
		}
	}
}

func TestWithoutAProviderTokensStillWork(t *testing.T) {
	p, settings := offering(t)
	p.Close() // before the server starts
	n := server(t, settings...)
	root := n.bootstrap()
	n.signIn(root)
	b := newBrowser(t)
	if w := b.ways(n.url); w.OpenID == nil || !strings.Contains(w.OpenID.Problem, "can't be reached") {
		t.Errorf("%+v", w)
	}
	if last := b.follow(n.url+"/v1/signin/openid?return=jobs", ""); last != n.url+"/ui/jobs" {
		t.Errorf("it ends at %s", last)
	}
	if text := b.failure(n.url); !strings.Contains(text, "can't be reached") {
		t.Errorf("%q", text)
	}
	if a := n.ask("GET", "/v1/signin/openid", "", "", "Accept", "application/json"); a.status != 503 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestWithoutSettingsNobodySignsInWithAProvider(t *testing.T) {
	for _, settings := range [][]string{nil, {"DKRON_ACL_ENABLED=false"}} {
		n := server(t, settings...)
		for _, path := range []string{"/v1/signin/openid", callback + "?code=x&state=y"} {
			if a := n.ask("GET", path, "", ""); a.status != 404 || !strings.Contains(a.body, "oidc-issuer") {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
		if w := newBrowser(t).ways(n.url); w.OpenID != nil || w.Tokens != (settings == nil) {
			t.Errorf("%+v", w)
		}
	}
}

func TestManagersSeeWhoIsSignedInAndEndSessions(t *testing.T) {
	p, settings := offering(t)
	n := server(t, settings...)
	p.Allow(n.url + callback)
	root := n.bootstrap()
	n.signIn(root)
	p.SetGroups("ops")
	laptop, phone := newBrowser(t), newBrowser(t)
	laptop.follow(n.url+"/v1/signin/openid", "")
	if a := n.ask("GET", "/v1/acl/session", laptop.session(n.url), ""); !strings.Contains(a.body, `"run":"all"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	p.SetGroups("staff") // the person has left a group
	phone.follow(n.url+"/v1/signin/openid", "")
	if a := n.ask("GET", "/v1/acl/session", laptop.session(n.url), ""); !strings.Contains(a.body, `"run":"none"`) {
		t.Errorf("the older session may do what the person no longer may: %d %s", a.status, a.body)
	}
	list := func() (all []struct{ ID, How, Name, Issuer, Subject, Accessor string }) {
		a := n.ask("GET", "/v1/acl/sessions", root, "")
		if a.status != 200 || json.Unmarshal([]byte(a.body), &all) != nil {
			t.Fatalf("%d %s", a.status, a.body)
		}
		for _, b := range []*browser{laptop, phone} {
			if secret := secretOf(b.session(n.url)); strings.Contains(a.body, secret) {
				t.Error("the list has a secret")
			}
		}
		return all
	}
	all := list()
	if len(all) != 3 || all[0].How != "openid" || all[0].Name != idp.Name || all[0].Subject != idp.Subject || all[0].Issuer != p.Issuer || all[2].How != "token" || all[2].Accessor == "" {
		t.Fatalf("%+v", all)
	}
	lines := n.stream("/v1/events", phone.session(n.url))
	if a := n.ask("DELETE", "/v1/acl/sessions/"+all[0].ID, root, ""); a.status != 200 { // the last that began
		t.Errorf("%d %s", a.status, a.body)
	}
	if !ends(lines) {
		t.Error("its stream goes on")
	}
	for b, status := range map[*browser]int{phone: 401, laptop: 200} {
		if a := n.ask("GET", "/v1/jobs", b.session(n.url), ""); a.status != status {
			t.Errorf("%d instead of %d", a.status, status)
		}
	}
	phone.follow(n.url+"/v1/signin/openid", "")
	if a := n.ask("DELETE", "/v1/acl/sessions/"+all[1].ID+"?all", root, ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, b := range []*browser{phone, laptop} {
		if a := n.ask("GET", "/v1/jobs", b.session(n.url), ""); a.status != 401 {
			t.Errorf("after the end of all: %d", a.status)
		}
	}
	if all := list(); len(all) != 1 || all[0].How != "token" {
		t.Errorf("%+v", all)
	}
}

func TestAPersonsSessionIsOneOfTheWholeCluster(t *testing.T) {
	p, settings := offering(t)
	nodes, gossip := make([]*node, 3), make([]string, 3)
	for i := range nodes {
		all := append([]string{"DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=3"}, settings...)
		if i > 0 {
			all = append(all, "DKRON_RETRY_JOIN="+strings.Join(gossip[:i], ","))
		}
		nodes[i] = start(t, "n"+strconv.Itoa(i+1), all...)
		gossip[i] = nodes[i].gossip
	}
	for _, n := range nodes {
		n.until("the server is ready", func() bool { return n.ask("GET", "/ready", "", "").status == 200 })
	}
	p.Allow(nodes[0].url + callback)
	p.SetGroups("root")
	nodes[0].bootstrap()
	b := newBrowser(t)
	link := b.follow(nodes[0].url+"/v1/signin/openid", nodes[0].url+callback)
	back := strings.Replace(link, nodes[0].url, nodes[1].url, 1) // as a load balancer might choose; cookies are the same for all ports of a host
	b.follow(back, "")
	session := b.session(nodes[1].url)
	if session == "" {
		t.Fatalf("another server can't finish what one has begun: %+v", b.ways(nodes[1].url))
	}
	for _, n := range nodes {
		n.until("the session is known", func() bool { return n.ask("GET", "/v1/acl/tokens", session, "").status == 200 })
	}
	leader := slices.IndexFunc(nodes, func(n *node) bool { return n.ask("GET", "/v1/isleader", "", "").status == 200 })
	if leader < 0 {
		t.Fatal("nobody leads")
	}
	nodes[leader].stop()
	for _, n := range slices.Delete(slices.Clone(nodes), leader, leader+1) {
		n.until("another leads", func() bool { return n.ask("POST", "/v1/jobs", session, `{"name":"a"`+aJob).status/100 == 2 })
		if a := n.ask("GET", "/v1/acl/session", session, ""); a.status != 200 || !strings.Contains(a.body, `"how":"openid"`) {
			t.Errorf("after a change of leader: %d %s", a.status, a.body)
		}
	}
}
