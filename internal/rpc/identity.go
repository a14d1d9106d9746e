package rpc

import (
	"context"
	"errors"
	"strconv"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/compat"
)

// Identity knows this node's cluster, and refuses nodes of others.
type Identity interface {
	// Cluster returns the id; empty if the node has none yet.
	Cluster() string
	// Meet returns an ErrForeign if cluster, the cluster of who, is not this node's.
	Meet(via, who, cluster string) error
	// Speak returns an ErrForeign if who speaks no protocol that this node speaks.
	Speak(via, who string, w compat.Window) error
}

// nobody is the identity of a program that is not a node, such as the command line.
type nobody struct{}

func (nobody) Cluster() string                            { return "" }
func (nobody) Meet(_, _, _ string) error                  { return nil }
func (nobody) Speak(_, who string, w compat.Window) error { return w.Check(who) }
func (nobody) Hello() RaftHello                           { return RaftHello{} }
func (nobody) AdmitRaft(_ RaftHello, _ bool) error        { return nil }

// Every call and answer carries the sender's cluster id in clusterKey. A node refuses calls and answers from another
// cluster, because an address can move from one cluster to another.
const clusterKey = "dkron-cluster"

// Every call and answer says in speaksKey which protocols its sender speaks, and a call in needsKey which one its receiver
// must know not to overlook a field of it.
const (
	speaksKey = "dkron-speaks"
	needsKey  = "dkron-needs"
)

const viaRPC = "rpc"

func withCluster(ctx context.Context, id Identity) context.Context {
	ctx = metadata.AppendToOutgoingContext(ctx, speaksKey, compat.Own().String())
	if c := id.Cluster(); c != "" {
		return metadata.AppendToOutgoingContext(ctx, clusterKey, c)
	}
	return ctx
}

// withNeeds says which protocol a request needs, if it has fields that are not from the beginning.
func withNeeds(ctx context.Context, req codec.Message) context.Context {
	if _, protocol := codec.AppendFor(nil, req); protocol > 0 {
		return metadata.AppendToOutgoingContext(ctx, needsKey, strconv.FormatUint(protocol, 10))
	}
	return ctx
}

// first returns the first value of a key of metadata, "" if there is none.
func first(md metadata.MD, key string) string {
	if v := md.Get(key); len(v) > 0 {
		return v[0]
	}
	return ""
}

// strict is the methods that a node with a cluster refuses to a caller without one. Such a caller is a leader of an
// older version, or of a cluster without an id so far. It calls the first two before it adds a server or starts executions.
var strict = map[string]bool{"Status": true, "Attach": true, "Secrets": true}

// admit refuses calls from another cluster.
func (s *services) admit(ctx context.Context, method string) error {
	caller := callerOf(ctx)
	if err := mayCall(caller, method); err != nil {
		return err
	}
	if own := s.id.Cluster(); caller.Cluster != "" && own != "" && caller.Cluster != own {
		return dkron.Error(dkron.ErrForeign, "the certificate of %s is for the cluster %s", caller, caller.Cluster)
	}
	md, _ := metadata.FromIncomingContext(ctx)
	cluster := first(md, clusterKey)
	if cluster == "" && strict[method] && s.id.Cluster() != "" {
		return dkron.Error(dkron.ErrForeign, "the caller does not name its cluster, and this node belongs to %s; upgrade the caller's servers", s.id.Cluster())
	}
	p, ok := peer.FromContext(ctx)
	from := "a node"
	if ok {
		from = "a node at " + p.Addr.String()
	}
	if err := errors.Join(s.id.Meet(viaRPC, from, cluster), s.id.Speak(viaRPC, from, compat.Parse(first(md, speaksKey)))); err != nil {
		return err
	}
	if needs, _ := strconv.ParseUint(first(md, needsKey), 10, 64); needs > compat.Protocol {
		return dkron.Error(dkron.ErrUnavailable, "the request has something in it that came with protocol %d, and the server that "+
			"should carry it out runs dkron %s, which knows up to %d; upgrade it and try again", needs, compat.Release, compat.Protocol)
	}
	if ok && cluster != "" && cluster == s.id.Cluster() {
		s.know(p.Addr)
	}
	return nil
}

// header is the metadata at the start of each answer.
func (s *services) header() metadata.MD {
	md := metadata.Pairs(speaksKey, compat.Own().String())
	if c := s.id.Cluster(); c != "" {
		md.Set(clusterKey, c)
	}
	return md
}
