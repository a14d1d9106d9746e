package rpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
)

// An address can pass from one node to another. So a caller that knows the node's name sends it in nodeKey, and any
// other node refuses the call. Older versions neither send nor check it. The suffix -bin allows any bytes in the value.
const nodeKey = "dkron-node-bin"

func withName(ctx context.Context, name string) context.Context {
	if name == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, nodeKey, name)
}

func callTo(name string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoke(withName(ctx, name), method, req, reply, conn, opts...)
	}
}

func streamTo(name string) grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		return open(withName(ctx, name), desc, conn, method, opts...)
	}
}

// onlyFor refuses calls meant for another node, before their messages are read.
func onlyFor(node Node) tap.ServerInHandle {
	return func(ctx context.Context, info *tap.Info) (context.Context, error) {
		for _, name := range info.Header.Get(nodeKey) {
			if own := node.Name(); name != own {
				return ctx, status.Errorf(codes.Unavailable, "this is node %s and not %s, which must have moved", own, name)
			}
		}
		return ctx, nil
	}
}

// Verify returns nil if the server with the given name answers at addr. It makes a new connection: a pooled one may
// lead to the address's previous node.
func (p *Pool) Verify(ctx context.Context, name, addr string) error {
	conn, err := p.dial(name, addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = (&Client{conn, addr, p.id}).Status(ctx)
	return err
}
