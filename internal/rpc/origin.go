package rpc

import (
	"context"
	"net"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/keyring"
)

// originKey is the metadata key of who asked for a call, see dkron.WithOrigin. Older versions neither send nor read it. The
// suffix -bin allows any bytes in the value.
const originKey = "dkron-origin-bin"

// directly is the calls that an operator's command may make: without an origin they have one by the connection.
var directly = map[string]bool{"Expel": true, "Keys": true, "RemovePeer": true, "Leave": true, "RestartPlugin": true, "SetLogLevel": true}

func withOrigin(ctx context.Context) context.Context {
	if o, ok := dkron.OriginOf(ctx); ok {
		return metadata.AppendToOutgoingContext(ctx, originKey, string(codec.Encode(&o)))
	}
	return ctx
}

// fromOrigin returns a context with the origin that the caller's withOrigin sent.
func fromOrigin(ctx context.Context, method, server string) context.Context {
	if sent := metadata.ValueFromIncomingContext(ctx, originKey); len(sent) > 0 {
		var o dkron.Origin
		if codec.Decode([]byte(sent[0]), &o) == nil {
			return dkron.WithOrigin(ctx, o)
		}
	}
	p, ok := peer.FromContext(ctx)
	if !directly[method] || !ok {
		return ctx
	}
	o := dkron.Origin{How: dkron.ProofRPC, Server: server, Name: certifiedBy(p).Name}
	if certifiedBy(p).Secure {
		o.How = dkron.ProofCertificate
	}
	if p.Addr != nil {
		if host, _, err := net.SplitHostPort(p.Addr.String()); err == nil {
			o.Address = host
		}
	}
	return dkron.WithOrigin(ctx, o)
}

// note notes a call that has changed something without the log: here, and not where a server passed it on to.
func (s *services) note(ctx context.Context, method string, req codec.Message) {
	if s.cluster == nil || s.cluster.Noted == nil {
		return
	}
	switch r := req.(type) {
	case *PeerRequest:
		if !r.Direct {
			s.cluster.Noted(ctx, method, r.ID)
		}
	case *keyring.Request:
		if id := r.ID; r.Act != keyring.List {
			if len(r.Key) > 0 {
				id = keyring.ID(r.Key)
			}
			s.cluster.Noted(ctx, method, string(r.Act)+" "+id)
		}
	case *LogLevel:
		if r.Level != "" {
			s.cluster.Noted(ctx, method, s.node.Name()+": "+r.Level)
		}
	case *Empty:
		if method == "Leave" {
			s.cluster.Noted(ctx, method, s.node.Name())
		}
	}
}
