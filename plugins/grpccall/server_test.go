package grpccall_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	refv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"

	"dkron/plugins/internal/plugintest"
)

const service = "grpc.testing.TestService"

// server is a real gRPC server.
type server struct {
	testpb.UnimplementedTestServiceServer
	addr     string
	accepted atomic.Int32 // connections
	asked    atomic.Int32 // reflection streams
	got      chan metadata.MD
}

type counting struct {
	net.Listener
	accepted *atomic.Int32
}

func (l counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return c, err
}

// reflectionOf registers versions of reflection.
type reflectionOf func(*grpc.Server)

func both(s *grpc.Server)   { reflection.Register(s) }
func onlyV1(s *grpc.Server) { reflection.RegisterV1(s) }
func onlyV1Alpha(s *grpc.Server) {
	refv1alpha.RegisterServerReflectionServer(s, reflection.NewServer(reflection.ServerOptions{Services: s}))
}
func none(*grpc.Server) {}

func start(t testing.TB, reflect reflectionOf, options ...grpc.ServerOption) *server {
	t.Helper()
	return startAt(t, "127.0.0.1:0", reflect, options...)
}

func startAt(t testing.TB, addr string, reflect reflectionOf, options ...grpc.ServerOption) *server {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: l.Addr().String(), got: make(chan metadata.MD, 1)}
	options = append(options, grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		if strings.Contains(info.FullMethod, "reflection") {
			s.asked.Add(1)
			if md, _ := metadata.FromIncomingContext(ss.Context()); bytes.Equal([]byte(strings.Join(md.Get("x-refuse"), "")), []byte("yes")) {
				return status.Error(codes.Unauthenticated, "no token")
			}
		}
		return next(srv, ss)
	}), grpc.MaxSendMsgSize(200<<20))
	g := grpc.NewServer(options...)
	testpb.RegisterTestServiceServer(g, s)
	reflect(g)
	go func() { _ = g.Serve(counting{l, &s.accepted}) }()
	t.Cleanup(g.Stop)
	return s
}

func (s *server) url(method string) string { return s.addr + "/" + service + "/" + method }

// UnaryCall answers with the status that it is asked for, or with as many bytes.
func (s *server) UnaryCall(ctx context.Context, in *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	select {
	case s.got <- md:
	default:
	}
	if st := in.GetResponseStatus(); st != nil {
		if st.GetMessage() == "wait" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, status.Error(codes.Code(st.GetCode()), st.GetMessage())
	}
	return &testpb.SimpleResponse{
		Username: "user " + string(in.GetPayload().GetBody()),
		Payload:  &testpb.Payload{Body: make([]byte, in.GetResponseSize())},
	}, nil
}

func (s *server) StreamingInputCall(stream testpb.TestService_StreamingInputCallServer) error {
	var size int32
	for {
		m, err := stream.Recv()
		if err == io.EOF {
			return stream.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: size})
		}
		if err != nil {
			return err
		}
		size += int32(len(m.GetPayload().GetBody()))
	}
}

func (s *server) StreamingOutputCall(in *testpb.StreamingOutputCallRequest, stream testpb.TestService_StreamingOutputCallServer) error {
	for _, p := range in.GetResponseParameters() {
		if p.GetSize() < 0 { // waits
			<-stream.Context().Done()
			return stream.Context().Err()
		}
		if err := stream.Send(&testpb.StreamingOutputCallResponse{Payload: &testpb.Payload{Body: bytes.Repeat([]byte("a"), int(p.GetSize()))}}); err != nil {
			return err
		}
	}
	if st := in.GetResponseStatus(); st != nil {
		return status.Error(codes.Code(st.GetCode()), st.GetMessage())
	}
	return nil
}

func (s *server) FullDuplexCall(stream testpb.TestService_FullDuplexCallServer) error {
	for n := 1; ; n++ {
		_, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(&testpb.StreamingOutputCallResponse{Payload: &testpb.Payload{Body: fmt.Append(nil, n)}}); err != nil {
			return err
		}
	}
}

// withTLS makes a server speak TLS, and ask for a client certificate if it is to.
func withTLS(t testing.TB, c plugintest.Certificates, mutual bool) grpc.ServerOption {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	if mutual {
		text, err := os.ReadFile(c.Authority)
		if err != nil {
			t.Fatal(err)
		}
		config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		config.ClientCAs.AppendCertsFromPEM(text)
	}
	return grpc.Creds(credentials.NewTLS(config))
}
