package httpapi

import (
	"context"
	"slices"
	"testing"

	"dkron/internal/request"
)

// noting records the names of the requests that it forwards.
type noting struct {
	request.Doer
	names []string
}

func (n *noting) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	n.names = append(n.names, r.Name())
	return n.Doer.Do(ctx, r)
}

// reaches is an API call for each request. Jobs a and b, and a's first revision, exist.
var reaches = map[string]struct{ method, path, body string }{
	"AckAlert":        {"POST", "/v1/alerts/1/ack", ""},
	"AddSilence":      {"POST", "/v1/silences", `{"duration":"1h","reason":"x"}`},
	"DeleteChannel":   {"DELETE", "/v1/channels/c", ""},
	"DeleteRule":      {"DELETE", "/v1/rules/r", ""},
	"EndSilence":      {"DELETE", "/v1/silences/1", ""},
	"ResendMessage":   {"POST", "/v1/messages/1/resend", ""},
	"SetChannel":      {"PUT", "/v1/channels/c", `{"type":"slack"}`},
	"SetRule":         {"PUT", "/v1/rules/r", `{"on":["failed"],"channels":["c"]}`},
	"TryChannel":      {"POST", "/v1/channels/c/test", ""},
	"CheckIn":         {"POST", "/v1/checkins/a", "{}"},
	"ClearExecutions": {"DELETE", "/v1/jobs/a/executions", ""},
	"Configure":       {"PUT", "/v1/settings", `{"history":{"count":7}}`},
	"DeleteJob":       {"DELETE", "/v1/jobs/a", ""},
	"LaunchJob":       {"POST", "/v1/jobs/a/launches", `{"env":{"A":"1"}}`},
	"RerunLaunch":     {"POST", "/v1/launches/a.1/rerun", ""},
	"RerunLaunches":   {"POST", "/v1/launches/rerun?state=failed&since=2026-01-01T00:00:00Z", ""},
	"StopLaunches":    {"POST", "/v1/launches/stop?state=waiting", ""},
	"StopRerun":       {"POST", "/v1/reruns/1/stop", ""},
	"Restore":         {"POST", "/v1/restore", `[{"name":"a","schedule":"@daily"}]`},
	"RevertJob":       {"POST", "/v1/jobs/a/versions/1/revert", ""},
	"RunJob":          {"POST", "/v1/jobs/a/run", ""},
	"SetJob":          {"POST", "/v1/jobs", `{"name":"c","schedule":"@hourly"}`},
	"SetPaused":       {"POST", "/v1/pause", ""},
	"Stop":            {"POST", "/v1/jobs/a/stop", ""},
	"ToggleJob":       {"POST", "/v1/jobs/a/toggle", ""},
}

// withoutEndpoint is the requests that no endpoint makes, and why.
var withoutEndpoint = map[string]string{
	"ReadIndex": "reads with ?consistent call Syncer, which makes it",

	"DeleteSecret": "it is secretapi's",
	"SetSecret":    "it is secretapi's",
	"CreateToken":  "it is aclapi's",
	"DeletePolicy": "it is aclapi's",
	"DeleteToken":  "it is aclapi's",
	"EndSession":   "it is aclapi's",
	"OpenSession":  "it is aclapi's",
	"SetPolicy":    "it is aclapi's",
}

func TestEveryRequestHasAnEndpoint(t *testing.T) {
	for k := range request.Kinds() {
		if withoutEndpoint[k.Name] != "" {
			continue
		}
		call, ok := reaches[k.Name]
		if !ok {
			t.Errorf("no endpoint is known for %s: add one to reaches, or the reason why there is none to withoutEndpoint", k.Name)
			continue
		}
		var noted *noting
		s := newServer(t, func(c *Config) {
			noted = &noting{Doer: c.Controller}
			c.Controller = noted
		})
		s.create(`{"name":"a","schedule":"@hourly"}`)
		noted.names = nil
		if s.do(call.method, call.path, call.body, asJSON); !slices.Equal(noted.names, []string{k.Name}) {
			t.Errorf("%s %s asked for %v, not for %s", call.method, call.path, noted.names, k.Name)
		}
	}
}
