package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"dkron"
	"dkron/internal/gossip"
	"dkron/internal/httpapi"
	"dkron/internal/rpc"
)

// serveHTTP opens the HTTP port: a server's own API, or on an agent that was told an address, a server's by way of RPC.
func (n *Node) serveHTTP(ctx context.Context) error {
	var handler http.Handler
	switch {
	case n.server != nil:
		handler = n.server.api()
	case n.cfg.IsSet("http-addr"):
		handler = http.HandlerFunc(n.forward)
	default:
		return nil
	}
	l, err := net.Listen("tcp", n.addr.HTTPAddr)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w; choose another --http-addr", err)
	}
	srv := httpapi.NewServer(handler, n.log)
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			n.fail(fmt.Errorf("serve HTTP: %w", err))
		}
	}()
	n.stops.add("http", func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if srv.Shutdown(ctx) != nil {
			srv.Close()
		}
	})
	n.log.Info("HTTP API is open", "addr", l.Addr())
	return nil
}

func (s *server) api() http.Handler {
	view := memberView{s}
	return httpapi.New(httpapi.Config{
		NodeName: s.node.cfg.NodeName, Version: s.node.version, Controller: s.proxy, Cluster: view, Live: view,
		Watcher: &s.bells, Planner: s.control, Store: s.state, Metrics: s.node.metrics(), Logger: s.log,
	})
}

// maxForward bounds the body of a request that an agent hands on.
const maxForward = httpapi.DefaultMaxBody

// forward hands a request to a server and relays the answer.
func (n *Node) forward(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > maxForward {
		http.Error(w, "request body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForward))
	if err != nil {
		http.Error(w, "request body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	req := &rpc.HTTPRequest{Method: r.Method, URI: r.URL.RequestURI(), Header: flat(r.Header), Body: body}
	req.Header["Host"] = r.Host
	for _, m := range n.Members() {
		if !m.Server {
			continue
		}
		client, err := n.pool.Client(m.RPCAddr)
		if err != nil {
			continue
		}
		resp, err := client.HTTP(r.Context(), req)
		if err != nil {
			n.log.Warn("a server did not take a request", "server", m.Name, "error", err)
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				http.Error(w, "the request may or may not have been carried out: "+err.Error(), http.StatusBadGateway)
				return
			}
			continue
		}
		for k, v := range resp.Header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(int(resp.Status))
		w.Write(resp.Body)
		return
	}
	http.Error(w, "no server answers; is this agent joined to a cluster?", http.StatusServiceUnavailable)
}

// ServeHTTPRequest answers a request that an agent hands on.
func (s *server) ServeHTTPRequest(ctx context.Context, r *rpc.HTTPRequest) (*rpc.HTTPResponse, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URI, bytes.NewReader(r.Body))
	if err != nil {
		return nil, dkron.Invalid("request: %w", err)
	}
	req.RequestURI, req.Host = r.URI, r.Header["Host"]
	for k, v := range r.Header {
		if k != "Host" {
			req.Header.Set(k, v)
		}
	}
	rec := httptest.NewRecorder()
	s.api().ServeHTTP(rec, req)
	return &rpc.HTTPResponse{Status: uint64(rec.Code), Header: flat(rec.Header()), Body: rec.Body.Bytes()}, nil
}

func flat(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for k := range h {
		out[k] = h.Get(k)
	}
	return out
}

// What follows is httpapi's view of the cluster.

func member(m gossip.Member) httpapi.Member {
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
	for _, m := range v.node.gossip.Members() {
		out = append(out, member(m))
	}
	return out
}

// Leader returns the leader's member record.
func (v memberView) Leader() (httpapi.Member, bool) {
	id, _ := v.consensus.Leader()
	for _, m := range v.node.gossip.Members() {
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
	return httpapi.Status{
		Agent: map[string]string{"name": v.node.cfg.NodeName, "version": v.node.version},
		Serf:  v.node.gossip.Stats(), Tags: v.node.gossip.LocalMember().Tags,
	}
}

// readyWithin is how many entries a server may be behind and still be ready.
const readyWithin = 1000

// Ready tells why this server should get no requests, nil if it should.
func (v memberView) Ready() error {
	if err := v.consensus.Health(); err != nil {
		return err
	}
	if id, _ := v.consensus.Leader(); id == "" {
		return dkron.ErrNoLeader
	}
	if err := v.machine.Health(); err != nil {
		return fmt.Errorf("the state can't be written: %w", err)
	}
	if applied, last := v.consensus.Applied(), v.consensus.LastIndex(); applied+readyWithin < last {
		return fmt.Errorf("this server is %d entries behind", last-applied)
	}
	return nil
}

// Leave makes this node leave the cluster and end.
func (v memberView) Leave(context.Context) error {
	v.node.leave()
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
