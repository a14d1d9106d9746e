package access_test

import (
	"slices"
	"strings"
	"testing"

	"dkron/test/openapicheck"
)

// The kinds of clients, each of which may do what those before it may, except for the one of other jobs.
const (
	none = iota
	viewer
	operator
	editor
	admin
	manager
)

var names = []string{"none", "viewer", "operator", "editor", "admin", "manager"}

// least is the least client that may do each operation of the API. It is written by hand, and not taken from the product: decide
// here for each new one.
var least = map[int]string{
	none: `GET /health, GET /ready, GET /v1/isleader, GET /v1/openapi.yaml, GET /v1/openapi.json, GET /docs/, GET /docs/{file},
		POST /v1/acl/bootstrap, POST /v1/acl/session, DELETE /v1/acl/session, GET /v1/signin, GET /v1/signin/openid,
		GET /v1/signin/openid/callback`,
	viewer: `GET /v1, GET /v1/members, GET /v1/cluster, GET /v1/nodes, GET /v1/leader, GET /v1/pause, GET /v1/settings, GET /v1/processors,
		GET /v1/executors, GET /v1/plugins, POST /v1/preview, GET /v1/jobs, GET /v1/busy, GET /v1/executions, GET /v1/launches,
		GET /v1/events, GET /v1/objectives, GET /v1/due, GET /v1/due/jobs, GET /v1/due/minutes, GET /metrics, GET /v1/export, GET /v1/stats,
		GET /v1/stats/minutes, GET /v1/executions/nodes, GET /v1/launches/jobs, GET /v1/suggestions, GET /v1/reruns,
		GET /v1/reruns/{number}, GET /v1/jobs/{job}, GET /v1/jobs/{job}/executions, GET /v1/jobs/{job}/executions/{id},
		GET /v1/jobs/{job}/executions/{id}/output, GET /v1/jobs/{job}/versions, GET /v1/jobs/{job}/versions/{revision},
		GET /v1/jobs/{job}/preview, GET /v1/jobs/{job}/related, GET /v1/jobs/{job}/stats, GET /v1/jobs/{job}/processors,
		GET /v1/jobs/{job}/launches, GET /v1/launches/{id}, GET /v1/acl/self, GET /v1/acl/session, GET /v1/channel-types, GET /v1/rules, GET /v1/rules/{rule},
		GET /v1/silences, GET /v1/silences/{number}, GET /v1/alerts, GET /v1/messages, GET /v1/messages/{number}`,
	operator: `POST /v1/alerts/{number}/ack, POST /v1/messages/{number}/resend, POST /v1/channels/{channel}/test,
		POST /v1/jobs/{job}/stop, POST /v1/jobs/{job}/executions/{id}/stop, POST /v1/launches/{id}/stop, POST /v1/jobs/{job},
		POST /v1/jobs/{job}/run, POST /v1/jobs/{job}/launches, POST /v1/launches/{id}/rerun, POST /v1/launches/stop,
		POST /v1/launches/rerun, POST /v1/reruns/{number}/stop, POST /v1/checkins/{job}`,
	editor: `POST /v1/silences, DELETE /v1/silences/{number}, POST /v1/jobs, PATCH /v1/jobs, PUT /v1/jobs/{job}, DELETE /v1/jobs/{job}, POST /v1/jobs/{job}/toggle,
		DELETE /v1/jobs/{job}/executions, POST /v1/jobs/{job}/versions/{revision}/revert, POST /v1/restore`,
	admin: `GET /v1/channels, GET /v1/channels/{channel}, PUT /v1/channels/{channel}, DELETE /v1/channels/{channel},
		POST /v1/channels/{channel}/preview, PUT /v1/rules/{rule}, DELETE /v1/rules/{rule}, GET /debug/vars, POST /v1/leave, POST /v1/pause, POST /v1/unpause, PUT /v1/settings,
		GET /v1/secrets, GET /v1/secrets/{name}, PUT /v1/secrets/{name}, DELETE /v1/secrets/{name}, GET /v1/secret-keys, POST /v1/secret-keys/rotate,
		POST /v1/nodes/{node}/plugins/{kind}/{name}/restart`,
	manager: `GET /v1/audit, GET /v1/acl/sessions, DELETE /v1/acl/sessions/{session}, GET /v1/acl/policies, GET /v1/acl/policies/{name}, POST /v1/acl/policies/{name}, DELETE /v1/acl/policies/{name},
		GET /v1/acl/tokens, POST /v1/acl/tokens, GET /v1/acl/tokens/{accessor}, DELETE /v1/acl/tokens/{accessor}`,
}

// forAFew is the operations that a client of other jobs may do: they show and change only those.
var forAFew = `GET /v1, GET /v1/members, GET /v1/cluster, GET /v1/nodes, GET /v1/leader, GET /v1/pause, GET /v1/settings, GET /v1/processors,
	GET /v1/executors, GET /v1/plugins, GET /v1/jobs, GET /v1/busy, GET /v1/executions, GET /v1/launches, GET /v1/events, GET /v1/objectives, GET /v1/due,
	GET /v1/due/jobs, GET /v1/due/minutes, GET /v1/acl/self, GET /v1/acl/session, GET /v1/channel-types`

// writesAny is the operations whose body says which job they are about; here it is none that exists, so they are refused for that
// or by the door.
var writesAny = []string{"POST /v1/jobs", "PATCH /v1/jobs", "PUT /v1/jobs/{job}"}

func operations(text string) (list []string) {
	for _, op := range strings.Split(text, ",") {
		list = append(list, strings.TrimSpace(op))
	}
	return list
}

// fill makes a path of an operation's.
var fill = strings.NewReplacer("{job}", "a", "{id}", "a.1", "{revision}", "9", "{number}", "9", "{node}", "n9", "{kind}", "executor",
	"{name}", "none", "{accessor}", "none", "{file}", "start.js",
	"{channel}", "none", "{rule}", "none", "{session}", "none")

const team = `{"rules":[{"prefix":"team-","verbs":["write"]}]}`

func TestEveryOperationWithEveryClient(t *testing.T) {
	n := server(t, append(naming, "DKRON_HTTP_TRUSTED_PROXIES=127.0.0.1")...)
	clients, foreign := n.everyClient()
	browser, levels := n.signIn(clients[viewer]), levelsOf()
	few := append(operations(forAFew), operations(least[none])...)
	for _, op := range openapicheck.New(t).Operations() {
		level, known := levels[op]
		if !known {
			t.Errorf("%s: which client may do it? Add it to this test, and to internal/access/need.go", op)
			continue
		}
		delete(levels, op)
		method, path, _ := strings.Cut(fill.Replace(op), " ")
		check := func(who, authorization string, may bool) {
			if may && (op == "POST /v1/leave" || op == "POST /v1/pause") {
				return // the node would be gone, or paused
			}
			a := n.ask(method, path, authorization, "")
			refused := 403
			if authorization == "" {
				refused = 401
			}
			denied := a.status == 401 || a.status == 403
			if a.status == 0 || denied == may || denied && a.status != refused {
				t.Errorf("%s by %s: %d %s", op, who, a.status, a.body)
			}
			if a.status == 401 && a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s by %s: no WWW-Authenticate", op, who)
			}
			if method == "GET" && !may {
				if head := n.ask("HEAD", path, authorization, ""); head.status != a.status {
					t.Errorf("HEAD %s by %s: %d", path, who, head.status)
				}
			}
		}
		for who, authorization := range clients {
			check(names[who], authorization, who >= level)
			if who != none { // a proxy in front names ann, with a group
				check("ann, "+names[who], "ann of "+names[who], who >= level)
			}
		}
		if op != "DELETE /v1/acl/session" {
			check("a browser of the viewer", browser, viewer >= level)
		}
		if !slices.Contains(writesAny, op) {
			check("foreign", foreign, slices.Contains(few, op))
		}
		if a := n.ask("OPTIONS", path, "", ""); a.status != 204 || a.body != "" {
			t.Errorf("OPTIONS %s: %d %s", path, a.status, a.body)
		}
	}
	for op := range levels {
		t.Errorf("%s is not in the description", op)
	}
}

// levelsOf returns the least client by operation.
func levelsOf() map[string]int {
	levels := make(map[string]int)
	for level, text := range least {
		for _, op := range operations(text) {
			levels[op] = level
		}
	}
	return levels
}

// everyClient returns a client of each kind, in their order, and one of other jobs.
func (n *node) everyClient() (clients []string, foreign string) {
	n.t.Helper()
	root := n.bootstrap()
	clients = []string{"", "", "", "", "", root}
	for i := viewer; i <= admin; i++ {
		clients[i], _ = n.client(root, `{"name":"`+names[i]+`","policies":["`+names[i]+`"]}`)
	}
	if a := n.ask("POST", "/v1/acl/policies/team", root, team); a.status != 200 {
		n.t.Fatal(a)
	}
	foreign, _ = n.client(root, `{"name":"foreign","policies":["team"]}`)
	return clients, foreign
}
