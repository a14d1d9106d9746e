package rpc

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"dkron"
	"dkron/internal/nodetls"
)

// arrived returns the context of a call as the called node gets it.
func arrived(ctx context.Context, who nodetls.Peer) context.Context {
	sent, _ := metadata.FromOutgoingContext(withActor(ctx))
	in := metadata.NewIncomingContext(context.Background(), sent)
	return peer.NewContext(in, &peer.Peer{Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 99}, AuthInfo: authInfo{peer: who}})
}

func TestWhoAsksTravelsWithACall(t *testing.T) {
	ann := dkron.Origin{Accessor: "a1", Name: "Änn", How: dkron.ProofSession, Address: "10.0.0.9", Server: "s2"}
	got, ok := dkron.OriginOf(fromOrigin(arrived(dkron.WithOrigin(t.Context(), ann), nodetls.Peer{}), "SetJob", "s1"))
	if !ok || got != ann {
		t.Errorf("%+v, %t", got, ok)
	}
	if got, ok := dkron.OriginOf(fromOrigin(arrived(t.Context(), nodetls.Peer{}), "SetJob", "s1")); ok {
		t.Errorf("the cluster's own work has %+v", got)
	}
	for _, c := range []struct {
		who  nodetls.Peer
		want dkron.Origin
	}{
		{nodetls.Peer{}, dkron.Origin{How: dkron.ProofRPC, Address: "10.0.0.7", Server: "s1"}},
		{nodetls.Peer{Secure: true, Name: "ops"}, dkron.Origin{How: dkron.ProofCertificate, Name: "ops", Address: "10.0.0.7", Server: "s1"}},
	} {
		got, ok := dkron.OriginOf(fromOrigin(arrived(t.Context(), c.who), "RemovePeer", "s1"))
		if !ok || got != c.want {
			t.Errorf("a command: %+v, %t, want %+v", got, ok, c.want)
		}
	}
}
