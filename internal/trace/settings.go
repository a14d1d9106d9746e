package trace

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Settings is where spans go, and which.
type Settings struct {
	Endpoint string   // host:port for OTLP over gRPC, or a URL for OTLP over HTTP
	Environ  []string // standard variables of OpenTelemetry are read from it
	Version  string   // of this program
	Node     string
	Page     string        // address of a trace in the tracing system, with PageTrace for its id; "" if there is none
	Cluster  func() string // its id, empty while there is none
	Logger   *slog.Logger
}

// PageTrace is where the id of a trace is in Settings.Page.
const PageTrace = "{trace}"

// target is a collector.
type target struct {
	url      string
	grpc     bool
	headers  map[string]string
	timeout  time.Duration
	tls      *tls.Config
	plain    bool
	sampler  ratio
	resource []attribute
	delay    time.Duration
}

// environ is variables by name.
type environ map[string]string

// first returns the first of the variables that is set.
func (e environ) first(names ...string) string {
	for _, n := range names {
		if e[n] != "" {
			return e[n]
		}
	}
	return ""
}

// otlp returns a variable of the exporter; that for traces comes before that for all signals.
func (e environ) otlp(name string) string {
	return e.first("OTEL_EXPORTER_OTLP_TRACES_"+name, "OTEL_EXPORTER_OTLP_"+name)
}

func (s *Settings) target() (*target, error) {
	env := make(environ)
	for _, entry := range s.Environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OTEL_") {
			env[name] = value
		}
	}
	t := &target{timeout: 10 * time.Second, delay: 5 * time.Second, headers: make(map[string]string)}
	if err := errors.Join(t.address(s.Endpoint, env), t.transport(env), t.sampling(env)); err != nil {
		return nil, err
	}
	pairs, err := pairsOf(env.otlp("HEADERS"))
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_HEADERS: %w", err) // the value is secret
	}
	for _, p := range pairs {
		t.headers[p[0]] = p[1]
	}
	name := "dkron"
	attrs, err := pairsOf(env["OTEL_RESOURCE_ATTRIBUTES"])
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	for _, p := range attrs {
		if p[0] == "service.name" {
			name = p[1]
		} else {
			t.resource = append(t.resource, text(p[0], p[1]))
		}
	}
	if given := env["OTEL_SERVICE_NAME"]; given != "" {
		name = given
	}
	t.resource = append(t.resource, text("service.name", name), text("service.version", s.Version), text("service.instance.id", s.Node), text("host.name", s.Node))
	return t, nil
}

func (t *target) address(endpoint string, env environ) error {
	protocol := env.otlp("PROTOCOL")
	u, err := url.Parse(endpoint)
	isURL := strings.Contains(endpoint, "://")
	switch {
	case isURL && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("want host:port or a URL such as http://collector:4318, not %q", endpoint)
	case isURL:
		t.grpc, t.plain = protocol == "grpc", u.Scheme == "http"
	default:
		host, port, err := net.SplitHostPort(endpoint)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil || n == 0 {
			return fmt.Errorf("want host:port, such as collector:4317, or a URL such as http://collector:4318, not %q", endpoint)
		}
		t.grpc = protocol == "" || protocol == "grpc"
		t.plain, _ = strconv.ParseBool(env.otlp("INSECURE"))
		u = &url.URL{Scheme: "https", Host: endpoint}
		if t.plain {
			u.Scheme = "http"
		}
	}
	switch {
	case protocol != "" && protocol != "grpc" && protocol != "http/protobuf":
		return fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q; want grpc or http/protobuf", protocol)
	case t.grpc:
		u.Path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	case !strings.HasSuffix(u.Path, "/v1/traces"):
		u.Path = strings.TrimSuffix(u.Path, "/") + "/v1/traces"
	}
	t.url = u.String()
	return nil
}

func (t *target) transport(env environ) error {
	if file := env.otlp("CERTIFICATE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("OTEL_EXPORTER_OTLP_CERTIFICATE: %w", err)
		}
		t.tls = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		if !t.tls.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("OTEL_EXPORTER_OTLP_CERTIFICATE: no certificate in %s", file)
		}
	}
	for name, into := range map[string]*time.Duration{env.otlp("TIMEOUT"): &t.timeout, env["OTEL_BSP_SCHEDULE_DELAY"]: &t.delay} {
		if name == "" {
			continue
		}
		ms, err := strconv.ParseUint(name, 10, 31)
		if err != nil || ms == 0 {
			return fmt.Errorf("OTEL_EXPORTER_OTLP_TIMEOUT and OTEL_BSP_SCHEDULE_DELAY are milliseconds, not %q", name)
		}
		*into = time.Duration(ms) * time.Millisecond // 31 bits
	}
	return nil
}

func (t *target) sampling(env environ) error {
	t.sampler = 1
	switch name := strings.TrimPrefix(env["OTEL_TRACES_SAMPLER"], "parentbased_"); name {
	case "", "always_on":
	case "always_off":
		t.sampler = 0
	case "traceidratio":
		r, err := strconv.ParseFloat(env["OTEL_TRACES_SAMPLER_ARG"], 64)
		if err != nil || r < 0 || r > 1 {
			return fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q; want a number from 0 to 1", env["OTEL_TRACES_SAMPLER_ARG"])
		}
		t.sampler = ratio(r)
	default:
		return fmt.Errorf("OTEL_TRACES_SAMPLER is %q; want always_on, always_off or traceidratio, perhaps after parentbased_", name)
	}
	return nil
}

// pairsOf reads a list of name=value, separated by commas, with percent-encoding.
func pairsOf(list string) (pairs [][2]string, err error) {
	for _, entry := range strings.Split(list, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, value, ok := strings.Cut(entry, "=")
		value, bad := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || bad != nil {
			return nil, errors.New("want name=value, separated by commas, with percent-encoding")
		}
		pairs = append(pairs, [2]string{name, value})
	}
	return pairs, nil
}
