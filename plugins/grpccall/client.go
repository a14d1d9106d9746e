package grpccall

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/jhump/protoreflect/v2/grpcreflect"
	"github.com/jhump/protoreflect/v2/protoresolve"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"dkron/plugin"
)

const (
	// maxMessage bounds an answer, and so what a call holds in memory.
	maxMessage = 4 << 20
	// maxHeader bounds the metadata of an answer.
	maxHeader = 1 << 20
	// maxMethods bounds the descriptions that are kept with a connection.
	maxMethods = 500
)

// maxAge is how long a client gets new calls, so that what it knows of methods is no older, and a host that moves is
// followed.
const maxAge = time.Minute

// client is a connection, and what is known of the methods at its other end.
type client struct {
	conn *grpc.ClientConn
	born time.Time

	mu      sync.Mutex // guards methods
	methods map[methodKey]*method
}

type methodKey struct{ service, name, headers string }

// open makes a client. The connection itself is made with the first call.
func (e endpoint) open(context.Context) (*client, error) {
	secure := insecure.NewCredentials()
	if e.secure {
		config, err := e.tls.Config()
		if err != nil {
			return nil, err
		}
		secure = credentials.NewTLS(config)
	}
	conn, err := grpc.NewClient("dns:///"+e.addr,
		grpc.WithTransportCredentials(secure), grpc.WithNoProxy(), grpc.WithDisableServiceConfig(), grpc.WithUserAgent("dkron"),
		grpc.WithMaxHeaderListSize(maxHeader), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, born: time.Now(), methods: make(map[methodKey]*method)}, nil
}

// Alive reports whether new calls may use it.
func (c *client) Alive() bool { return time.Since(c.born) < maxAge }

// Close ends the connection.
func (c *client) Close() { _ = c.conn.Close() }

func (c *client) connected() bool { return c.conn.GetState() == connectivity.Ready }

// reflect returns a client of the server's reflection, v1 or v1alpha. It asks nothing by itself.
func (c *client) reflect(ctx context.Context) *grpcreflect.Client {
	return grpcreflect.NewClientAuto(ctx, c.conn, grpcreflect.WithAllowMissingFileDescriptors())
}

// types returns the types that a message may contain without naming them in its description.
func (c *client) types(ctx context.Context) protoresolve.TypeResolver {
	return c.reflect(ctx).AsResolver().AsTypeResolver()
}

// method returns the description of a method, as a caller with these headers sees it.
func (c *client) method(ctx context.Context, service, name, headers string) (*method, error) {
	key := methodKey{service, name, headers}
	c.mu.Lock()
	known := c.methods[key]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	asked, err := c.ask(ctx, service, name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.methods) >= maxMethods {
		clear(c.methods)
	}
	c.methods[key] = asked
	return asked, nil
}

func (c *client) ask(ctx context.Context, service, name string) (*method, error) {
	reflect := c.reflect(ctx)
	defer reflect.Reset()
	file, err := reflect.FileContainingSymbol(protoreflect.FullName(service))
	if grpcreflect.IsElementNotFoundError(err) {
		return nil, status.Errorf(codes.NotFound, "the server has no service %s", service)
	}
	if err != nil {
		return nil, err
	}
	for i := range file.Services().Len() {
		s := file.Services().Get(i)
		if string(s.FullName()) != service {
			continue
		}
		if found := s.Methods().ByName(protoreflect.Name(name)); found != nil {
			return &method{found, "/" + service + "/" + name}, nil
		}
		return nil, status.Errorf(codes.NotFound, "service %q does not include a method named %q", service, name)
	}
	return nil, status.Errorf(codes.NotFound, "%s is not a service", service)
}

// outgoing adds the job's headers, and what identifies the execution, if there is one, to what is sent. A job's own
// headers replace ours.
func (c *config) outgoing(ctx context.Context, req *plugin.ExecuteRequest) context.Context {
	md := metadata.MD{}
	if req != nil {
		md.Set("dkron-launch-id", req.LaunchID)
		md.Set("dkron-execution-id", req.ExecutionID)
		md.Set("dkron-attempt", strconv.Itoa(req.Attempt))
	}
	for _, h := range c.headers {
		md.Delete(h.Name)
	}
	for _, h := range c.headers {
		if h.Name != hostHeader {
			md.Append(h.Name, h.Value)
		}
	}
	return metadata.NewOutgoingContext(ctx, md)
}

// hostHeader names the host that the server is asked for, as in HTTP.
const hostHeader = "host"

func (c *config) callOptions() (options []grpc.CallOption) {
	for _, h := range c.headers {
		if h.Name == hostHeader {
			options = append(options, grpc.CallAuthority(h.Value))
		}
	}
	return options
}
