package respond

import (
	"fmt"
	"net/http"
)

// missing is what a path names by its last part, for endpoints whose 404 says what does not exist. Those of jobs, executions and
// launches have no text, as in v4.
var missing = map[string]struct {
	what   string // a format for the name
	listed string // where those are that exist
}{
	"/v1/channels/{channel}":         {"no channel is called %q", "/v1/channels"},
	"/v1/channels/{channel}/test":    {"no channel is called %q", "/v1/channels"},
	"/v1/channels/{channel}/preview": {"no channel is called %q", "/v1/channels"},
	"/v1/rules/{rule}":               {"no rule is called %q", "/v1/rules"},
	"/v1/silences/{number}":          {"there is no silence %q, or it is no longer kept", "/v1/silences"},
	"/v1/alerts/{number}/ack":        {"no alert %q is open", "/v1/alerts"},
	"/v1/messages/{number}":          {"there is no message %q, or it is no longer kept", "/v1/messages"},
	"/v1/messages/{number}/resend":   {"there is no message %q, or it is no longer kept", "/v1/messages"},
	"/v1/secrets/{name}":             {"no secret is called %q", "/v1/secrets"},
	"/v1/acl/policies/{name}":        {"no policy is called %q", "/v1/acl/policies"},
	"/v1/acl/tokens/{accessor}":      {"no token has the accessor %q", "/v1/acl/tokens"},
	"/v1/acl/sessions/{session}":     {"no session has the id %q", "/v1/acl/sessions"},
	"/v1/reruns/{number}":            {"there is no rerun %q, or it is no longer kept", "/v1/reruns"},
	"/v1/reruns/{number}/stop":       {"there is no rerun %q, or it is no longer kept", "/v1/reruns"},
}

// missingText says what a request names that does not exist, "" if its 404 has no text.
func missingText(r *http.Request) string {
	m, ok := missing[r.Pattern]
	if !ok {
		return ""
	}
	for _, part := range []string{"channel", "rule", "number", "name", "accessor", "session"} {
		if name := r.PathValue(part); name != "" {
			return fmt.Sprintf(m.what+"; GET %s lists them", Shorten(name), m.listed)
		}
	}
	return ""
}
