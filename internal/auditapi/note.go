package auditapi

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"dkron"
	"dkron/internal/audit"
	"dkron/internal/clock"
	"dkron/internal/respond"
)

// Notes adds this server's own records.
type Notes struct {
	Local *audit.Local
	count func() // refused requests
}

// Refused notes a request that was refused: because a secret was wrong, or because its client may not make it. A client without any
// secret is none who tries, and neither is a browser whose session has ended. What a browser brings from an OpenID Connect provider is one.
func (n Notes) Refused(r *http.Request, err error) {
	status := respond.StatusOf(err)
	switch {
	case status == http.StatusForbidden:
	case (status == http.StatusUnauthorized || status == http.StatusTooManyRequests) && triesSecret(r):
	default:
		return
	}
	o, _ := dkron.OriginOf(r.Context())
	record := dkron.AuditRecord{
		At: clock.Now(), Origin: o, Action: r.Method + " " + routeOf(r), Status: uint64(status), // it is a status
		AuditNote: dkron.AuditNote{Kind: dkron.AuditRequest, Object: jobOf(r), Detail: err.Error()},
	}
	if user, _, ok := r.BasicAuth(); ok && status != http.StatusForbidden {
		record.Detail = "user " + respond.Shorten(user) + ": " + record.Detail
	}
	n.count()
	n.Local.Refuse(record)
}

func triesSecret(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || r.Method == http.MethodPost && r.Pattern == "/v1/acl/session" ||
		r.Pattern == "/v1/signin/openid/callback" && r.URL.Query().Has("code")
}

func routeOf(r *http.Request) string { return strings.TrimSuffix(r.Pattern, "/{$}") }

func jobOf(r *http.Request) string {
	if job := r.PathValue("job"); job != "" {
		return job
	}
	job, _, err := dkron.ParseLaunchID(r.PathValue("id"))
	if err != nil {
		return ""
	}
	return job
}

// done is the routes that change something without the log.
var done = map[string]dkron.AuditKind{
	"POST /v1/leave": dkron.AuditNode,
	"POST /v1/nodes/{node}/plugins/{kind}/{name}/restart": dkron.AuditPlugin,
}

// Done notes a request that was carried out, if it changed something without the log.
func (n Notes) Done(r *http.Request) {
	action := r.Method + " " + routeOf(r)
	kind, ok := done[action]
	if !ok {
		return
	}
	o, _ := dkron.OriginOf(r.Context())
	object := cmp.Or(r.PathValue("node"), o.Server)
	if kind == dkron.AuditPlugin {
		object += "/" + r.PathValue("kind") + "/" + r.PathValue("name")
	}
	n.Local.Did(dkron.AuditRecord{At: clock.Now(), Origin: o, Action: action, AuditNote: dkron.AuditNote{Kind: kind, Object: object}})
}

// Called notes what another program had this server do by RPC.
func (n Notes) Called(ctx context.Context, action, object string) {
	o, ok := dkron.OriginOf(ctx)
	if !ok {
		return
	}
	n.Local.Did(dkron.AuditRecord{At: clock.Now(), Origin: o, Action: action, AuditNote: dkron.AuditNote{Kind: dkron.AuditNode, Object: object}})
}
