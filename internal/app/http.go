package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/gossip"
	"dkron/internal/httpapi"
	"dkron/internal/httpserver"
	"dkron/internal/webui"
)

// serveHTTP opens the HTTP port: a server's own API, or on an agent that was told an address, a server's by way of RPC.
func (n *Node) serveHTTP(ctx context.Context) error {
	var handler http.Handler
	switch {
	case n.server != nil:
		handler = n.server.Handler
	case n.cfg.IsSet("http-addr"):
		own := httpapi.Config{NodeName: n.cfg.NodeName, Logger: n.log, Notices: n.notices, Metrics: n.metricsHandler()}
		handler = httpapi.NewAgent(own, ownView{n}, n.relay())
	default:
		return nil
	}
	l, err := net.Listen("tcp", n.addr.HTTPAddr)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w; choose another --http-addr", err)
	}
	srv := httpserver.New(handler, n.guard, n.log)
	go func() {
		if err := srv.Serve(n.guard.Listener(l)); !errors.Is(err, http.ErrServerClosed) {
			n.fail(fmt.Errorf("serve HTTP: %w", err))
		}
	}()
	n.stops.add("http", func() {
		n.endStreams() // they would go on for as long as their clients like
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if srv.Shutdown(ctx) != nil {
			srv.Close()
		}
	})
	about := []any{"addr", l.Addr()}
	if n.server != nil && n.cfg.UI {
		about = append(about, "page", pageURL(l.Addr()))
	}
	n.log.Info("HTTP API is open", about...)
	return nil
}

// pageURL is what a browser on this machine opens.
func pageURL(addr net.Addr) string {
	host := addr.String()
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		host = net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return "http://" + host + "/ui/"
}

// maxStreams is how many streams of the API, and requests that wait, a server holds where it has connections for twice as
// many.
const maxStreams = 2000

// api is the handler of the API, for this server's own port and for what agents hand on.
func (s *server) api() http.Handler {
	view := memberView{s}
	var pages map[string]http.Handler
	if s.node.cfg.UI {
		pages = webui.New(webui.Built())
	}
	return httpapi.New(httpapi.Config{
		NodeName: s.node.cfg.NodeName, Version: s.node.version, Controller: s.proxy, Cluster: view, Live: view, Syncer: s.proxy,
		Watcher: &s.bells, Planner: s.control, Surveyor: view, Store: s.state, Metrics: s.node.metricsHandler(), Observe: s.node.metrics.Requested,
		Issues: s.issues, Notices: s.notices.list, Logger: s.log, AllowedOrigins: s.node.cfg.HTTPAllowedOrigins, Ctx: s.node.streams,
		Pages: pages, Judge: s.node.catalogue.Judge, Executors: s.node.executors(), MaxStreams: min(maxStreams, max(1, s.node.shares.HTTP/2)),
	})
}

// executors is what the API tells of the executors of this version.
func (n *Node) executors() (out []httpapi.Executor) {
	for _, e := range n.catalogue.Entries() {
		out = append(out, httpapi.Executor{Name: e.Name, Schema: e.Schema})
	}
	return out
}

// What follows is httpapi's view of the cluster.

// member leaves out the tag of the cluster: it is the same on all, and /v1/cluster has it.
func member(m gossip.Member) httpapi.Member {
	delete(m.Tags, clusterTag)
	delete(m.Tags, speaksTag)
	return httpapi.Member{
		Name: m.Name, Addr: m.Addr, Port: m.Port, Tags: m.Tags, ID: memberID(m), Status: httpapi.MemberStatus(m.Status),
		ProtocolMin: m.ProtocolMin, ProtocolMax: m.ProtocolMax, ProtocolCur: m.ProtocolCur,
		DelegateMin: m.DelegateMin, DelegateMax: m.DelegateMax, DelegateCur: m.DelegateCur,
	}
}

// memberID is a stable id in the shape of a UUID, derived from the name, which is what identifies a member.
func memberID(m gossip.Member) string {
	h := sha256.Sum256([]byte("dkron member " + m.Name))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80 // version 8: of our own making
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// memberView is the server as httpapi sees it: the cluster's members, all regions.
type memberView struct{ *server }

// Members returns every known member, also failed ones and those that left.
func (v memberView) Members() []httpapi.Member {
	var out []httpapi.Member
	for _, m := range v.node.members() {
		out = append(out, member(m))
	}
	return out
}

// Leader returns the leader's member record.
func (v memberView) Leader() (httpapi.Member, bool) {
	id, _ := v.consensus.Leader()
	for _, m := range v.node.members() {
		if m.Name == id {
			return member(m), true
		}
	}
	return httpapi.Member{}, false
}

// IsLeader reports whether this server leads.
func (v memberView) IsLeader() bool { return v.Leads() == nil }

// Status is the status object of the API.
func (v memberView) Status() httpapi.Status {
	tags := v.node.gossip.Load().LocalMember().Tags
	delete(tags, clusterTag)
	delete(tags, speaksTag)
	return httpapi.Status{
		Agent: map[string]string{"name": v.node.cfg.NodeName, "version": v.node.version},
		Serf:  v.node.gossip.Load().Stats(), Tags: tags,
	}
}

// Ready tells why this server should get no requests, nil if it should.
func (v memberView) Ready() error { return v.ready() }

// Leave makes this node leave the cluster and end.
func (v memberView) Leave(ctx context.Context) error { return ownView{v.node}.Leave(ctx) }

// ownView is what any node tells of itself.
type ownView struct{ node *Node }

// Ready tells why this agent gets no work, nil if it does.
func (v ownView) Ready() error {
	if err := v.node.leave.err(); err != nil {
		return err
	}
	if !v.node.agent.Attached() {
		return errors.New("no leader has a connection to this node")
	}
	return nil
}

// leaveAnswer is how long a request to leave waits for the node to have left. It is answered then, whatever still runs.
const leaveAnswer = 40 * time.Second

// Leave makes this node leave the cluster and end. It returns when it has left or leaveAnswer is over.
func (v ownView) Leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaveAnswer)
	defer cancel()
	if _, err := v.node.askToLeave(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// Output returns live output of what runs, from the leader.
func (v memberView) Output(ctx context.Context, keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk {
	chunks := v.live.Output(keys, from)
	if client, err := v.leaderClient(); err == nil {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		chunks, _ = client.Output(ctx, keys, from)
	}
	return chunks
}
