package access_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const aJob = `,"schedule":"@manually","executor":"shell","executor_config":{"command":"echo hello"}}`

func TestOnlyAWholeSecretInTheRightPlaceIsAccepted(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	secret := strings.TrimPrefix(root, "Bearer ")
	for _, wrong := range []string{
		secret, "Bearer", "Bearer ", "Token " + secret, "Basic " + secret, "Bearer " + secret[:len(secret)-1], "Bearer " + secret + "0",
		"Bearer " + strings.ToUpper(secret), "Bearer " + secret + " " + secret, "Bearer\t" + secret, "Bearer null",
	} {
		if a := n.ask("GET", "/v1/jobs", wrong, ""); a.status != 401 && a.status != 429 {
			t.Errorf("%q: %d %s", wrong, a.status, a.body)
		}
	}
	if a := n.ask("GET", "/v1/jobs", "Bearer x", ""); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("after many attempts: %d %v", a.status, a.header)
	}
	for _, right := range []string{root, "bearer " + secret} {
		if a := n.ask("GET", "/v1/jobs", right, ""); a.status != 200 {
			t.Errorf("the right one: %d %s", a.status, a.body)
		}
	}
	if a := n.ask("GET", "/v1/jobs?access_token="+secret, "", ""); a.status != 401 {
		t.Errorf("in the query: %d", a.status)
	}
}

func TestPathsHaveNoWayAround(t *testing.T) {
	n := server(t)
	n.bootstrap()
	for _, path := range []string{
		"//v1/jobs", "/v1//jobs", "/v1/./jobs", "/v1/%2e/jobs", "/health/../v1/jobs", "/health/%2e%2e/v1/jobs", "/ui/../v1/jobs", "/V1/jobs",
		"/v1/jobs/", "/v1%2Fjobs", "/v1/isleader/../jobs", "/v1/jobs;x", "/v1/jobs%00", "/v1/isleader%2f..%2fjobs", "/docs/..%2fv1%2fjobs",
	} {
		if a := n.ask("GET", path, "", ""); a.status == 200 && strings.HasPrefix(a.body, "[") || a.status/100 == 5 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := n.ask("GET", "/v1/jobs", "", ""); a.status != 401 {
		t.Errorf("the way itself: %d", a.status)
	}
}

func TestTheFirstTokenIsMadeOnceUnlessTheOperatorAllowsIt(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	if a := n.ask("POST", "/v1/acl/bootstrap", "", ""); a.status != 409 || !strings.Contains(a.body, "dkron acl reset") {
		t.Errorf("again: %d %s", a.status, a.body)
	}
	_, accessor := n.client(root, `{"type":"management"}`)
	if a := n.ask("DELETE", "/v1/acl/tokens/"+accessor, root, ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	self := n.token(n.ask("GET", "/v1/acl/self", root, ""))
	if a := n.ask("DELETE", "/v1/acl/tokens/"+self["accessor"].(string), root, ""); a.status != 409 {
		t.Errorf("the last management token is deleted: %d", a.status)
	}
	if err := os.WriteFile(filepath.Join(n.dir, "acl-reset"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if second := n.bootstrap(); n.ask("GET", "/v1/acl/tokens", second, "").status != 200 {
		t.Error("the second is of no use")
	}
	if a := n.ask("POST", "/v1/acl/bootstrap", "", ""); a.status != 409 {
		t.Errorf("a reset works twice: %d", a.status)
	}
}

func TestNoSecretIsInAnyFileOfTheDataDirectory(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	other, _ := n.client(root, `{"policies":["viewer"]}`)
	n.ask("GET", "/v1/jobs", other, "")
	err := filepath.WalkDir(n.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, secret := range []string{root, other} {
			if strings.Contains(string(data), strings.TrimPrefix(secret, "Bearer dkron_")) {
				t.Errorf("%s has a secret", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/acl/tokens", "/v1/acl/self", "/debug/vars"} {
		if a := n.ask("GET", path, root, ""); a.status != 200 || strings.Contains(a.body, "dkron_") && strings.Contains(a.body, strings.TrimPrefix(root, "Bearer ")) {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestARevokedOrExpiredTokenEndsItsStream(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	revoked, accessor := n.client(root, `{"policies":["viewer"]}`)
	expiring, _ := n.client(root, `{"policies":["viewer"],"ttl":"2s"}`)
	first, second, stays := n.stream("/v1/events", revoked), n.stream("/v1/events", expiring), n.stream("/v1/events", root)
	if a := n.ask("DELETE", "/v1/acl/tokens/"+accessor, root, ""); a.status != 200 {
		t.Fatal(a)
	}
	if a := n.ask("GET", "/v1/jobs", revoked, ""); a.status != 401 {
		t.Errorf("revoked: %d", a.status)
	}
	for name, lines := range map[string]<-chan string{"revoked": first, "expired": second} {
		if !ends(lines) {
			t.Errorf("the stream of the %s token goes on", name)
		}
	}
	if a := n.ask("GET", "/v1/jobs", expiring, ""); a.status != 401 {
		t.Errorf("expired: %d", a.status)
	}
	n.ask("POST", "/v1/jobs", root, `{"name":"a"`+aJob)
	if !has(stays, `"job":"a"`) {
		t.Error("the stream of another token got nothing more")
	}
}

// ends reports whether a stream ends soon.
func ends(lines <-chan string) bool {
	limit := time.After(time.Minute)
	for {
		select {
		case _, more := <-lines:
			if !more {
				return true
			}
		case <-limit:
			return false
		}
	}
}

// has reports whether a stream soon has a line with a text.
func has(lines <-chan string, text string) bool {
	limit := time.After(time.Minute)
	for {
		select {
		case line, more := <-lines:
			if !more || strings.Contains(line, text) {
				return more
			}
		case <-limit:
			return false
		}
	}
}

func TestListsAndStreamsShowOnlyWhatOneMayRead(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	n.ask("POST", "/v1/acl/policies/team", root, team)
	mine, accessor := n.client(root, `{"name":"team","policies":["team"]}`)
	lines := n.stream("/v1/events", mine)
	for _, name := range []string{"other", "team-a"} {
		if a := n.ask("POST", "/v1/jobs?runoncreate=true", root, `{"name":"`+name+`"`+strings.Replace(aJob, "@manually", "@every 1h", 1)); a.status != 201 {
			t.Fatal(a.status, a.body)
		}
		n.until("it has run", func() bool {
			return strings.Contains(n.ask("GET", "/v1/jobs/"+name+"/launches", root, "").body, `"state":"success"`)
		})
	}
	for _, path := range []string{"/v1/jobs", "/v1/jobs?_sort=name&_order=DESC", "/v1/executions", "/v1/launches", "/v1/due", "/v1/due/jobs"} {
		all, some := n.ask("GET", path, root, ""), n.ask("GET", path, mine, "")
		if !strings.Contains(all.body, "other") || !strings.Contains(all.body, "team-a") {
			t.Errorf("%s by root: %s", path, all.body)
		}
		if some.status != 200 || strings.Contains(some.body, "other") || !strings.Contains(some.body, "team-a") {
			t.Errorf("%s: %d %s", path, some.status, some.body)
		}
	}
	if a := n.ask("GET", "/v1/jobs", mine, ""); a.header.Get("X-Total-Count") != "1" {
		t.Errorf("the total is of all jobs: %s", a.header.Get("X-Total-Count"))
	}
	var minutes struct{ Total int }
	if a := n.ask("GET", "/v1/due/minutes?hours=2", mine, ""); json.Unmarshal([]byte(a.body), &minutes) != nil || minutes.Total > 2 {
		t.Errorf("due times of all jobs are counted: %s", a.body)
	}
	var seen []string
	for len(seen) == 0 || !strings.Contains(seen[len(seen)-1], "launch.ended") {
		line, more := <-lines
		if !more {
			t.Fatal("the stream ended")
		}
		seen = append(seen, line)
	}
	if slices.ContainsFunc(seen, func(l string) bool { return strings.Contains(l, "other") }) {
		t.Errorf("events: %s", strings.Join(seen, "\n"))
	}
	if a := n.ask("GET", "/v1/jobs/other", mine, ""); a.status != 403 || a.body != n.ask("GET", "/v1/jobs/other", mine, "").body || !strings.Contains(a.body, `may not read job "other"`) {
		t.Errorf("another job: %d %s", a.status, a.body)
	}
	if a := n.ask("GET", "/v1/jobs/none", mine, ""); a.status != 403 {
		t.Errorf("whether a job exists can be found out: %d", a.status)
	}
	if a := n.ask("POST", "/v1/jobs", mine, `{"name":"team-new"`+aJob); a.status != 201 || !strings.Contains(a.body, `"owner":"`+accessor+`"`) {
		t.Errorf("a job of its own: %d %s", a.status, a.body)
	}
	if a := n.ask("POST", "/v1/jobs", mine, `{"name":"new"`+aJob); a.status != 403 {
		t.Errorf("another's: %d %s", a.status, a.body)
	}
	if a := n.ask("POST", "/v1/launches/other.1/stop", mine, ""); a.status != 403 {
		t.Errorf("stop by launch: %d %s", a.status, a.body)
	}
}

func TestPathPoliciesOfThePaidEditionWork(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	rules := `{"path":{"/v1/jobs":{"capabilities":["list"]},"/v1/jobs/a":{"capabilities":["read"]},"/v1/**":{"capabilities":[]}}}`
	if a := n.ask("POST", "/v1/acl/policies/ro", root, rules); a.status != 200 || !strings.Contains(a.body, `"Name":"ro"`) {
		t.Fatal(a)
	}
	ro, _ := n.client(root, `{"policies":["ro"]}`)
	standard, _ := n.client(root, `{}`)
	n.ask("POST", "/v1/jobs", root, `{"name":"a"`+aJob)
	for _, c := range []struct {
		method, path, who string
		status            int
	}{
		{"GET", "/v1/jobs", ro, 200}, {"GET", "/v1/jobs/a", ro, 200}, {"GET", "/v1/jobs/b", ro, 403}, {"POST", "/v1/jobs", ro, 403},
		{"GET", "/v1/jobs/a/executions", ro, 403}, {"GET", "/v1/stats", ro, 403}, {"GET", "/v1/acl/tokens", ro, 403},
		{"GET", "/v1/members", standard, 200}, {"POST", "/v1/jobs/a/run", standard, 200}, {"POST", "/v1/jobs/a/toggle", standard, 200},
		{"POST", "/v1/pause", standard, 403}, {"POST", "/v1/acl/tokens", standard, 403}, {"DELETE", "/v1/jobs/a", standard, 200},
	} {
		if a := n.ask(c.method, c.path, c.who, ""); a.status != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
		}
	}
	if a := n.ask("DELETE", "/v1/acl/policies/ro", root, ""); a.status != 409 {
		t.Errorf("a policy in use is deleted: %d %s", a.status, a.body)
	}
	if a := n.ask("POST", "/v1/acl/policies/viewer", root, rules); a.status != 409 {
		t.Errorf("a built-in policy is replaced: %d %s", a.status, a.body)
	}
	if a := n.ask("POST", "/v1/acl/tokens", root, `{"policies":["nono"]}`); a.status != 400 || !strings.Contains(a.body, "nono") {
		t.Errorf("an unknown policy: %d %s", a.status, a.body)
	}
}

func TestAnAgentPassesTheClientOn(t *testing.T) {
	n := server(t)
	root := n.bootstrap()
	viewer, accessor := n.client(root, `{"policies":["viewer"]}`)
	a := start(t, "a1", "DKRON_RETRY_JOIN="+n.gossip)
	a.until("the agent knows the server", func() bool { return a.ask("GET", "/v1/jobs", root, "").status == 200 })
	for _, c := range []struct {
		method, path, who string
		status            int
	}{
		{"GET", "/v1/jobs", "", 401}, {"GET", "/v1/jobs", "Bearer x", 401}, {"GET", "/v1/jobs", viewer, 200}, {"POST", "/v1/jobs", viewer, 403},
		{"POST", "/v1/leave", "", 401}, {"POST", "/v1/leave", viewer, 403}, {"GET", "/metrics", "", 401}, {"GET", "/metrics", viewer, 200},
		{"GET", "/health", "", 200}, {"GET", "//v1/jobs", "", 404},
	} {
		if got := a.ask(c.method, c.path, c.who, ""); got.status != c.status || c.status == 401 && got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
		}
	}
	lines := a.stream("/v1/events", viewer)
	if got := a.ask("DELETE", "/v1/acl/tokens/"+accessor, root, ""); got.status != 200 {
		t.Error(got)
	}
	if !ends(lines) {
		t.Error("a relayed stream of a revoked token goes on")
	}
}

func TestOneUserWithAPasswordMayDoEverything(t *testing.T) {
	n := server(t, "DKRON_ACL_ENABLED=false", "DKRON_USERNAME=ops", "DKRON_PASSWORD=pass word")
	const right, wrong = "Basic b3BzOnBhc3Mgd29yZA==", "Basic b3BzOnBhc3M="
	if a := n.ask("GET", "/v1/jobs", "", ""); a.status != 401 || a.header.Get("WWW-Authenticate") != `Basic realm="dkron", charset="UTF-8"` {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := n.ask("POST", "/v1/jobs", right, `{"name":"a"`+aJob); a.status != 201 || !strings.Contains(a.body, `"owner":"ops"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := n.ask("GET", "/v1/acl/tokens", right, ""); a.status != 404 {
		t.Errorf("tokens, which are off: %d", a.status)
	}
	agent := start(t, "a1", "DKRON_ACL_ENABLED=false", "DKRON_USERNAME=ops", "DKRON_PASSWORD=pass word", "DKRON_RETRY_JOIN="+n.gossip)
	agent.until("the agent knows the server", func() bool { return agent.ask("GET", "/v1/jobs", right, "").status == 200 })
	if a := agent.ask("POST", "/v1/leave", "", ""); a.status != 401 {
		t.Errorf("an agent is sent away by nobody: %d", a.status)
	}
	if a := agent.ask("GET", "/metrics", right, ""); a.status != 200 {
		t.Errorf("an agent's metrics: %d %s", a.status, a.body)
	}
	for range 5 {
		if a := n.ask("GET", "/v1/jobs", wrong, ""); a.status != 401 {
			t.Errorf("wrong: %d", a.status)
		}
	}
	if a := n.ask("GET", "/v1/jobs", right, ""); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("guesses are not slowed down: %d", a.status)
	}
}
