// Package plugintest has what tests of executors share: a status that keeps the output, servers that misbehave, and
// certificates.
package plugintest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/plugin"
)

// Output is a status that keeps what is written.
type Output struct {
	mu   sync.Mutex // guards text
	text []byte
	// Wrote, if not nil, is called after each write.
	Wrote func()
}

// Write keeps a chunk.
func (o *Output) Write(chunk []byte, _ bool) {
	o.mu.Lock()
	o.text = append(o.text, chunk...)
	o.mu.Unlock()
	if o.Wrote != nil {
		o.Wrote()
	}
}

// Started keeps nothing.
func (o *Output) Started([]byte) error { return nil }

// String returns the output.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// Request is a request with a configuration.
func Request(config map[string]string) *plugin.ExecuteRequest {
	return &plugin.ExecuteRequest{
		JobName: "job", Config: config, LaunchID: "launch-1", ExecutionID: "execution-1", Group: 1, Attempt: 1, NodeName: "node",
		ScheduledAt: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// Run executes a configuration, and returns the response and the output.
func Run(t testing.TB, e plugin.Executor, config map[string]string) (*plugin.ExecuteResponse, string) {
	t.Helper()
	return RunIn(t.Context(), t, e, config)
}

// RunIn is Run with a context.
func RunIn(ctx context.Context, t testing.TB, e plugin.Executor, config map[string]string) (*plugin.ExecuteResponse, string) {
	t.Helper()
	out := new(Output)
	response, err := e.Execute(ctx, Request(config), out)
	if err != nil {
		response = &plugin.ExecuteResponse{Error: err.Error()}
	}
	return response, out.String()
}

// Hostile starts a server that does something wrong with each connection, and returns its address.
func Hostile(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // guards open
	var open []net.Conn
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			_ = c.Close()
		}
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			go serve(c)
		}
	}()
	return l.Addr().String()
}

// Briefly closes a connection after serve.
func Briefly(serve func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		defer c.Close()
		serve(c)
	}
}

// Silent says nothing.
func Silent(net.Conn) {}

// Garbage answers with what no protocol has, without an end.
func Garbage(c net.Conn) {
	noise := make([]byte, 64<<10)
	_, _ = rand.Read(noise)
	for {
		if _, err := c.Write(noise); err != nil {
			return
		}
	}
}

// Web answers as a server of HTTP does.
func Web(c net.Conn) {
	_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
	_ = c.(*net.TCPConn).CloseWrite() // a close with something unread would reset the connection, and the answer could be lost
}

// Reset resets the connection.
func Reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// Refusing returns an address where nothing accepts connections.
func Refusing(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Certificates are files of an authority and of a certificate for 127.0.0.1 and localhost that it has signed.
type Certificates struct{ Authority, Certificate, Key string }

// NewCertificates makes certificates that are good for both ends of a connection.
func NewCertificates(t testing.TB) Certificates {
	t.Helper()
	c, err := MakeCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Server returns the settings of a server that wants client certificates.
func (c Certificates) Server(t testing.TB) *tls.Config {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := os.ReadFile(c.Authority)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
}

// MakeCertificates is NewCertificates for a folder.
func MakeCertificates(dir string) (c Certificates, err error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	rootText, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		return c, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "guest"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	leafText, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), rootKey)
	if err != nil {
		return c, err
	}
	keyText, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return c, err
	}
	for _, f := range []struct {
		path       *string
		name, kind string
		data       []byte
	}{{&c.Authority, "ca.pem", "CERTIFICATE", rootText}, {&c.Certificate, "cert.pem", "CERTIFICATE", leafText}, {&c.Key, "key.pem", "EC PRIVATE KEY", keyText}} {
		*f.path = filepath.Join(dir, f.name)
		if err := os.WriteFile(*f.path, pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.data}), 0o600); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Memory watches how much the heap grows until the returned function is called, which gives the most in bytes.
func Memory() (most func() uint64) {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		peak := before.HeapInuse
		for {
			select {
			case <-stop:
				done <- peak - before.HeapInuse
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapInuse)
			}
		}
	}()
	return func() uint64 { close(stop); return <-done }
}

// Example returns the executor_config of the first job on an executor's page of the guide. from is replaced by to in
// every value, since tests have servers of their own.
func Example(t testing.TB, executor, from, to string) map[string]string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "guide", "executor-"+executor+".md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "-XPOST -d '")
	text, _, ok := strings.Cut(rest, "'\n```")
	var job struct {
		Executor string
		Config   map[string]string `json:"executor_config"`
	}
	if err := json.Unmarshal([]byte(text), &job); !ok || err != nil || job.Executor != executor {
		t.Fatalf("the page has no job for the executor: %v", err)
	}
	for key, value := range job.Config {
		job.Config[key] = strings.ReplaceAll(value, from, to)
	}
	return job.Config
}
