package app

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"dkron/internal/httpapi"
	"dkron/internal/httpserver"
	"dkron/internal/relay"
	"dkron/internal/rpc"
	"dkron/internal/secretapi"
	"dkron/internal/webui"
)

// serveHTTP opens the HTTP port: a server serves its own API, an agent with --http-addr relays a server's.
func (n *Node) serveHTTP() error {
	var handler http.Handler
	switch {
	case n.server != nil:
		handler = n.server.http
	case n.cfg.IsSet("http-addr"):
		own := httpapi.Config{NodeName: n.cfg.NodeName, Logger: n.log, Notices: n.notices, Metrics: n.metricsHandler(), AllowedOrigins: n.cfg.HTTPAllowedOrigins}
		handler = httpapi.NewAgent(n.guardAgent(own), agentView{n}, n.relay())
	default:
		return nil
	}
	srv, err := httpserver.Open(n.addr.HTTPAddr, n.httpTLS(), handler, n.guard, n.log, n.fail)
	if err != nil {
		return err
	}
	n.stops.add("http", func() {
		n.endStreams()
		srv.Close()
	})
	n.http = srv.Addr
	if n.server != nil {
		n.server.standing.ServesAt(n.addr.PublicHTTP(srv.Addr))
	}
	about := []any{"addr", srv.Addr}
	if n.server != nil && n.cfg.UI {
		about = append(about, "page", webui.URL(srv.Addr, n.httpTLS() != nil))
	}
	n.log.Info("HTTP API is open", about...)
	if n.cfg.Exposed(n.addr.HTTPAddr) {
		n.log.Warn("access control is off: whoever reaches the HTTP port may run commands on the cluster; use --acl-enabled on all nodes")
	}
	return nil
}

// maxStreams is the limit of the API's streams and waiting requests on a server that has connections for twice as many.
const maxStreams = 2000

// api returns the handler of the API, for this server's port and for requests that agents relay.
func (s *server) api() http.Handler {
	n, view := s.node, memberView{s}
	var pages map[string]http.Handler
	if n.cfg.UI {
		pages = webui.New(webui.Built())
	}
	return httpapi.New(s.guardAPI(httpapi.Config{
		NodeName: n.cfg.NodeName, Version: n.version, Controller: n.tracer.Doer(s.proxy), Cluster: view, Live: s.servers, Syncer: s.proxy,
		Watcher: s.bells, Planner: s.control, Surveyor: s.standing, Plugins: s.plugins, Store: s.state, Metrics: n.metricsHandler(), Observe: n.metrics.Requested,
		Issues: s.standing.Issues, Notices: s.standing.Notices.List, Logger: s.log, AllowedOrigins: n.cfg.HTTPAllowedOrigins, Ctx: n.streams, Trace: n.tracer.URL,
		Pages: pages, Judge: s.judge, Executors: s.catalogue.Entries, Processors: s.processors.Entries,
		Routes:     slices.Concat(s.noticeRoutes(), secretapi.Routes(secretapi.Config{Controller: s.proxy, Vault: s.vault}), n.audit.Routes(s.servers)),
		Noted:      n.audit.Noted,
		Rates:      n.rates,
		MaxStreams: min(maxStreams, max(1, n.shares.HTTP/2)),
	}))
}

// httpapi's views of the cluster.

// memberView shows httpapi the cluster's members, of all regions.
type memberView struct{ *server }

// Members returns every known member, including failed ones and those that left.
func (v memberView) Members() []httpapi.Member { return httpapi.MembersOf(v.node.view.Members()) }

// Leader returns the leader's member record.
func (v memberView) Leader() (httpapi.Member, bool) {
	id, _ := v.raft.Leader()
	m, ok := v.node.view.Member(id)
	return httpapi.MemberOf(m), ok
}

// IsLeader reports whether this server leads.
func (v memberView) IsLeader() bool { return v.raft.Leads() == nil }

// Status returns the API's status object.
func (v memberView) Status() httpapi.Status {
	return httpapi.Status{
		Agent: map[string]string{"name": v.node.cfg.NodeName, "version": v.node.version},
		Serf:  v.node.gossip.Stats(), Tags: v.node.gossip.LocalMember().Public(),
	}
}

// Ready returns why this server should get no requests, nil if it should.
func (v memberView) Ready() error { return v.standing.Ready() }

// Leave makes this node leave the cluster and stop.
func (v memberView) Leave(ctx context.Context) error { return v.departure.Leave(ctx) }

// agentView shows httpapi an agent.
type agentView struct{ *Node }

// Ready returns why this agent gets no work, nil if it does.
func (v agentView) Ready() error {
	if err := v.departure.Err(); err != nil {
		return err
	}
	if !v.agent.Attached() {
		return errors.New("no leader has a connection to this node")
	}
	return nil
}

// Leave makes this node leave the cluster and stop.
func (v agentView) Leave(ctx context.Context) error { return v.departure.Leave(ctx) }

// relay returns the API of an agent: servers answer.
func (n *Node) relay() http.Handler {
	return relay.New(relay.Config{
		Servers: rpc.NewRegion(n.pool, n.view), MaxBody: httpapi.DefaultMaxBody, Streams: n.streams, Logger: n.log,
	})
}
