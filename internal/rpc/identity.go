package rpc

import (
	"context"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"dkron"
)

// Identity knows this node's cluster, and refuses nodes of others.
type Identity interface {
	// Cluster returns the id; empty if the node has none yet.
	Cluster() string
	// Meet returns an ErrForeign if cluster, the cluster of who, is not this node's.
	Meet(via, who, cluster string) error
}

// nobody is the identity of a program that is not a node, such as the command line.
type nobody struct{}

func (nobody) Cluster() string                     { return "" }
func (nobody) Meet(_, _, _ string) error           { return nil }
func (nobody) Hello() RaftHello                    { return RaftHello{} }
func (nobody) AdmitRaft(_ RaftHello, _ bool) error { return nil }

// Every call and answer carries the sender's cluster id in clusterKey. A node refuses calls and answers from another
// cluster, because an address can move from one cluster to another.
const clusterKey = "dkron-cluster"

const viaRPC = "rpc"

func withCluster(ctx context.Context, id Identity) context.Context {
	if c := id.Cluster(); c != "" {
		return metadata.AppendToOutgoingContext(ctx, clusterKey, c)
	}
	return ctx
}

// first returns the first value of a metadata key, "" if there is none.
func first(md metadata.MD, key string) string {
	if v := md.Get(key); len(v) > 0 {
		return v[0]
	}
	return ""
}

// strict is the methods that a node with a cluster refuses to a caller without one. Such a caller is a leader of an
// older version, or of a cluster without an id so far. It calls these before it adds a server or starts executions.
var strict = map[string]bool{"Status": true, "Attach": true}

// admit refuses calls from another cluster.
func (s *services) admit(ctx context.Context, method string) error {
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
	if err := s.id.Meet(viaRPC, from, cluster); err != nil {
		return err
	}
	if ok && cluster != "" && cluster == s.id.Cluster() {
		s.know(p.Addr)
	}
	return nil
}

// header is the metadata at the start of each answer.
func (s *services) header() metadata.MD {
	if c := s.id.Cluster(); c != "" {
		return metadata.Pairs(clusterKey, c)
	}
	return nil
}
