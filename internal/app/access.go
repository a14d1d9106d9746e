package app

import (
	"path/filepath"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/aclapi"
	"dkron/internal/auditapi"
	"dkron/internal/clock"
	"dkron/internal/config"
	"dkron/internal/httpapi"
	"dkron/internal/openid"
	"dkron/internal/state"
)

// accessReset is the file that dkron acl reset makes in the data directory.
const accessReset = "acl-reset"

// guardAPI puts access control before the API, and adds its endpoints.
func (s *server) guardAPI(cfg httpapi.Config) httpapi.Config {
	n := s.node
	s.access = access.New(access.Config{
		Store: s.state, Tokens: n.cfg.ACLEnabled, User: n.cfg.Username, Password: n.cfg.Password, Logger: s.log,
		Named: dkron.Roles{Of: config.RolesOf(n.cfg.HTTPHeaderRoles), Default: n.cfg.HTTPHeaderDefaultRole},
	})
	door := access.Door{Doer: cfg.Controller, On: n.cfg.Guarded()}
	cfg.Controller = door
	routes := aclapi.Config{Controller: door, Store: s.state, Now: clock.Now, Reset: filepath.Join(n.cfg.DataDir, accessReset), OpenID: n.openID}
	if n.cfg.Guarded() {
		routes.Gate = &aclapi.Gate{Auth: s.access, OpenMetrics: n.cfg.ACLOpenMetrics, Origins: cfg.AllowedOrigins, Cluster: n.identity.Cluster}
		cfg.Gate = routes.Gate.Admit
	}
	routes.Refused = n.audit.Refused
	cfg.Routes = append(cfg.Routes, aclapi.Routes(routes, n.cfg.ACLEnabled)...)
	return cfg
}

// openProvider prepares for the OpenID Connect provider, if the settings name one. It is asked for nothing yet.
func (n *Node) openProvider() {
	if c := &n.cfg.OIDC; c.Issuer != "" {
		n.openID = &aclapi.OpenID{Name: c.Name, Redirect: c.RedirectURL, Provider: openid.New(openid.Config{
			Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret, Scopes: c.Scopes, NameClaims: c.NameClaim, GroupsClaim: c.GroupsClaim,
			Roles: dkron.Roles{Of: config.RolesOf(c.Roles), Default: c.DefaultRole}, Age: c.SessionAge, Logger: n.log,
		})}
	}
}

// guardAgent puts access control before what an agent answers itself.
func (n *Node) guardAgent(cfg httpapi.Config) httpapi.Config {
	if !n.cfg.Guarded() {
		return cfg
	}
	gate := aclapi.Agent{Servers: n.relay(), Origins: cfg.AllowedOrigins}
	cfg.Gate = gate.Admit
	if cfg.Metrics != nil && !n.cfg.ACLOpenMetrics {
		cfg.Metrics = gate.Metrics(cfg.Metrics)
	}
	return cfg
}

// notices returns what an operator should know about this node, besides what happens to it.
func (n *Node) notices() []string {
	list := append(n.identity.Notices(), n.authority.Notices()...)
	if n.cfg.Exposed(n.addr.HTTPAddr) {
		list = append(list, "access: whoever reaches this node's API may run commands on the cluster; use --acl-enabled on all nodes, or --http-addr on loopback")
	}
	return list
}

// openAudit opens what only this server has of the audit.
func (n *Node) openAudit(st *state.Store) (err error) {
	n.audit, err = auditapi.Open(auditapi.Config{
		Node: n.cfg.NodeName, DataDir: n.cfg.DataDir, File: n.cfg.AuditFile, Syslog: n.cfg.AuditSyslog, Store: st, Counter: n.metrics,
		Problem: n.cfg.Problem, Stops: n.stops.add, Logger: n.log,
	})
	return err
}
