package rpc

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/keyring"
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

func TestCallsThatChangeSomethingWithoutTheLogAreNoted(t *testing.T) {
	key := []byte("0123456789abcdef")
	for _, c := range []struct {
		method string
		req    codec.Message
		want   string
	}{
		{"RemovePeer", &PeerRequest{ID: "s2"}, "s2"},
		{"RemovePeer", &PeerRequest{ID: "s2", Direct: true}, ""}, // the server that passed it on has noted it
		{"Keys", &keyring.Request{Act: keyring.List}, ""},
		{"Keys", &keyring.Request{Act: keyring.Install, Key: key}, "install " + keyring.ID(key)},
		{"Keys", &keyring.Request{Act: keyring.Remove, ID: "1f0c9a62"}, "remove 1f0c9a62"},
	} {
		got := ""
		s := &services{cluster: &Cluster{Noted: func(_ context.Context, method, object string) {
			if got = object; method != c.method {
				t.Errorf("%s is noted as %s", c.method, method)
			}
		}}}
		if s.note(t.Context(), c.method, c.req); got != c.want {
			t.Errorf("%s: %q, want %q", c.method, got, c.want)
		}
	}
}
