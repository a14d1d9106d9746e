package consensus

import (
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// peers is raft's transport. Raft knows a server by its id and by the address in its configuration; a server may come
// back at another address, and its old one may by then belong to another server. So peers adds to the library's
// transport:
//
//   - A server is dialled at its current address, see routes, and asked for its name.
//   - Messages of other servers count as coming from their id. Raft compares candidates, and remembers its vote, by
//     address: two servers that use one address after the other could get one vote twice.
type peers struct {
	*raft.NetworkTransport
	routes   *routes
	received chan raft.RPC
	done     chan struct{}
	once     sync.Once
	relaying sync.WaitGroup
}

func newPeers(s *streams, log hclog.Logger) *peers {
	t := raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{Stream: s, MaxPool: 3, Timeout: rpcTimeout, Logger: log})
	s.forget = t.CloseStreams
	p := &peers{NetworkTransport: t, routes: s.routes, received: make(chan raft.RPC), done: make(chan struct{})}
	p.relaying.Go(p.relay)
	return p
}

func (p *peers) relay() {
	for {
		select {
		case rpc := <-p.NetworkTransport.Consumer():
			select {
			case p.received <- byID(rpc):
			case <-p.done:
				return
			}
		case <-p.done:
			return
		}
	}
}

// byID puts the sender's id where raft looks for its address. Messages of raft versions without ids are left unchanged.
func byID(rpc raft.RPC) raft.RPC {
	var h *raft.RPCHeader
	switch c := rpc.Command.(type) {
	case *raft.AppendEntriesRequest:
		h = &c.RPCHeader
	case *raft.RequestVoteRequest:
		h = &c.RPCHeader
	case *raft.RequestPreVoteRequest:
		h = &c.RPCHeader
	case *raft.InstallSnapshotRequest:
		h = &c.RPCHeader
	default:
		return rpc
	}
	if len(h.ID) > 0 && len(h.Addr) > 0 {
		h.Addr = h.ID
	}
	return rpc
}

// Consumer returns the requests of other servers.
func (p *peers) Consumer() <-chan raft.RPC { return p.received }

// SetHeartbeatHandler lets heartbeats bypass waiting requests.
func (p *peers) SetHeartbeatHandler(cb func(raft.RPC)) {
	p.NetworkTransport.SetHeartbeatHandler(func(rpc raft.RPC) { cb(byID(rpc)) })
}

// Close ends all connections.
func (p *peers) Close() error {
	p.once.Do(func() { close(p.done) })
	p.relaying.Wait()
	return p.NetworkTransport.Close()
}

// to is a server's address, in the form that the library's transport passes on to streams.Dial.
func (p *peers) to(id raft.ServerID, configured raft.ServerAddress) raft.ServerAddress {
	return target(string(id), p.routes.pick(string(id), string(configured)))
}

// AppendEntriesPipeline is raft's.
func (p *peers) AppendEntriesPipeline(id raft.ServerID, addr raft.ServerAddress) (raft.AppendPipeline, error) {
	return p.NetworkTransport.AppendEntriesPipeline(id, p.to(id, addr))
}

// AppendEntries is raft's.
func (p *peers) AppendEntries(id raft.ServerID, addr raft.ServerAddress, req *raft.AppendEntriesRequest, resp *raft.AppendEntriesResponse) error {
	return p.NetworkTransport.AppendEntries(id, p.to(id, addr), req, resp)
}

// RequestVote is raft's.
func (p *peers) RequestVote(id raft.ServerID, addr raft.ServerAddress, req *raft.RequestVoteRequest, resp *raft.RequestVoteResponse) error {
	return p.NetworkTransport.RequestVote(id, p.to(id, addr), req, resp)
}

// RequestPreVote is raft's.
func (p *peers) RequestPreVote(id raft.ServerID, addr raft.ServerAddress, req *raft.RequestPreVoteRequest, resp *raft.RequestPreVoteResponse) error {
	return p.NetworkTransport.RequestPreVote(id, p.to(id, addr), req, resp)
}

// InstallSnapshot is raft's.
func (p *peers) InstallSnapshot(id raft.ServerID, addr raft.ServerAddress, req *raft.InstallSnapshotRequest, resp *raft.InstallSnapshotResponse, data io.Reader) error {
	return p.NetworkTransport.InstallSnapshot(id, p.to(id, addr), req, resp, data)
}

// TimeoutNow is raft's.
func (p *peers) TimeoutNow(id raft.ServerID, addr raft.ServerAddress, req *raft.TimeoutNowRequest, resp *raft.TimeoutNowResponse) error {
	return p.NetworkTransport.TimeoutNow(id, p.to(id, addr), req, resp)
}

// target is a server and the address to dial in one string, which is all that the library's transport has. The
// transport keeps connections by this string, so those of two servers never mix.
func target(id, addr string) raft.ServerAddress { return raft.ServerAddress(id + "@" + addr) }

func splitTarget(t raft.ServerAddress) (id, addr string) {
	i := strings.LastIndexByte(string(t), '@')
	return string(t[:max(i, 0)]), string(t[i+1:])
}

// routes knows the addresses of servers: the one that they publish, or the one in the configuration. If these differ,
// it uses the one that works.
type routes struct {
	where func(id string) string // the address that a server publishes, "" if none
	moved func()                 // called when a server is found at a new address
	log   *slog.Logger

	mu    sync.Mutex // guards known
	known map[string]*route
}

type route struct {
	configured string
	used       string // where the server was last found
	failed     string // where it was last looked for without success
}

func newRoutes(c Config) *routes {
	return &routes{where: c.Where, moved: c.Observer.ServerMoved, log: c.Logger, known: make(map[string]*route)}
}

// pick returns the address to dial.
func (r *routes) pick(id, configured string) string {
	said := r.where(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.known[id]
	if k == nil {
		k = &route{used: configured}
		r.known[id] = k
	}
	k.configured = configured
	if said == "" || said == configured || k.failed == said {
		return configured
	}
	return said
}

// tried records whether a server was found at an address, and reports whether that address is new.
func (r *routes) tried(id, addr string, err error) (moved bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.known[id]
	if k == nil {
		return false
	}
	if err != nil {
		k.failed = addr
		return false
	}
	if moved = k.used != addr; moved {
		r.log.Info("a server is now reached at another address", "server", id, "addr", addr, "before", k.used,
			"configured", k.configured)
		k.used = addr
		r.moved()
	}
	return moved
}
