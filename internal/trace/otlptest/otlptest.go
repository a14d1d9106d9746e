// Package otlptest is an OpenTelemetry collector for tests, over gRPC and over HTTP. What arrives is decoded by the library of
// OpenTelemetry's own collector, so that what it would refuse is refused here.
package otlptest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Collector has the spans that arrived.
type Collector struct {
	Addr string // host:port

	mu       sync.Mutex
	refuse   []int // how the next exports are answered: a code of gRPC or of HTTP
	exports  int
	header   http.Header
	resource map[string]string
	spans    []*Span
	arrived  chan struct{}
}

// Span is a span with its attributes by name; numbers are as text too.
type Span struct {
	*tracepb.Span
	Attrs map[string]string
}

// HTTP starts a collector for OTLP over HTTP.
func HTTP(t testing.TB) *Collector {
	c := newCollector()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.URL.Path != "/v1/traces" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-protobuf" || err != nil {
			http.Error(w, "want OTLP", http.StatusBadRequest)
			return
		}
		in := ptraceotlp.NewExportRequest()
		if err := in.UnmarshalProto(body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if code := c.take(r.Header, in.Traces()); code != 0 {
			http.Error(w, "refused", code)
			return
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(s.Close)
	c.Addr = s.Listener.Addr().String()
	return c
}

// GRPC starts a collector for OTLP over gRPC. conf may be nil.
func GRPC(t testing.TB, conf *tls.Config) *Collector {
	t.Helper()
	c := newCollector()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var opts []grpc.ServerOption
	if conf != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(conf)))
	}
	s := grpc.NewServer(opts...)
	ptraceotlp.RegisterGRPCServer(s, &service{Collector: c})
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	c.Addr = l.Addr().String()
	return c
}

// service is what the library calls.
type service struct {
	ptraceotlp.UnimplementedGRPCServer
	*Collector
}

// Export takes what a client sends.
func (s *service) Export(ctx context.Context, in ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	header := make(http.Header)
	for name, values := range md {
		header[http.CanonicalHeaderKey(name)] = values
	}
	if code := s.take(header, in.Traces()); code != 0 {
		return ptraceotlp.NewExportResponse(), status.Error(codes.Code(code), "refused") // a small number
	}
	return ptraceotlp.NewExportResponse(), nil
}

func newCollector() *Collector {
	return &Collector{resource: make(map[string]string), arrived: make(chan struct{}, 1)}
}

// Refuse answers the next exports with these codes.
func (c *Collector) Refuse(codes ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = codes
}

func (c *Collector) take(header http.Header, traces ptrace.Traces) (code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exports++
	if len(c.refuse) > 0 {
		code, c.refuse = c.refuse[0], c.refuse[1:]
		return code
	}
	body, err := new(ptrace.ProtoMarshaler).MarshalTraces(traces)
	data := new(tracepb.TracesData)
	if err := errors.Join(err, proto.Unmarshal(body, data)); err != nil {
		return http.StatusBadRequest
	}
	c.header = header
	for _, r := range data.ResourceSpans {
		c.resource = attributes(r.Resource.GetAttributes())
		for _, s := range r.ScopeSpans {
			for _, x := range s.Spans {
				c.spans = append(c.spans, &Span{x, attributes(x.Attributes)})
			}
		}
	}
	select {
	case c.arrived <- struct{}{}:
	default:
	}
	return 0
}

func attributes(list []*commonpb.KeyValue) map[string]string {
	out := make(map[string]string)
	for _, a := range list {
		if s, ok := a.Value.GetValue().(*commonpb.AnyValue_StringValue); ok {
			out[a.Key] = s.StringValue
		} else {
			out[a.Key] = a.Value.String()
		}
	}
	return out
}

// Seen returns what has arrived: the header of the last export, the resource, the spans, and how many exports were tried.
func (c *Collector) Seen() (header http.Header, resource map[string]string, spans []*Span, exports int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.header, c.resource, append([]*Span(nil), c.spans...), c.exports
}

// Until waits for a span that ok accepts, and returns it.
func (c *Collector) Until(t testing.TB, what string, ok func(*Span) bool) *Span {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		_, _, spans, _ := c.Seen()
		for _, s := range spans {
			if ok(s) {
				return s
			}
		}
		select {
		case <-c.arrived:
		case <-limit:
			t.Fatalf("no span of %s arrived; there are %v", what, spans)
		}
	}
}
