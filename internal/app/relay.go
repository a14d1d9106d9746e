package app

import (
	"context"
	"net/http"
	"slices"

	"dkron"
	"dkron/internal/httpapi"
	"dkron/internal/relay"
	"dkron/internal/rpc"
)

// relay is what an agent answers for the servers.
func (n *Node) relay() http.Handler {
	return relay.New(relay.Config{
		Servers: relayServers{n.Members, n.pool}, MaxBody: httpapi.DefaultMaxBody, Streams: n.streams, Logger: n.log,
	})
}

// relayServers carries the requests of a relay by RPC.
type relayServers struct {
	members func() []dkron.Node // those that are alive
	pool    *rpc.Pool
}

// Servers returns the live servers by name.
func (s relayServers) Servers() (names []string) {
	for _, m := range s.members() {
		if m.Server {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Send hands a request to a server.
func (s relayServers) Send(ctx context.Context, server string, r *relay.Request) (relay.Answer, error) {
	addr := ""
	for _, m := range s.members() {
		if m.Name == server {
			addr = m.RPCAddr
		}
	}
	client, err := s.pool.Node(server, addr)
	if err != nil {
		return nil, err
	}
	answer, err := client.HTTP(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer, nil
}
