package fluent

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"

	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
)

// came is what a receiver got.
type came struct {
	tag    string
	at     time.Time
	record map[string]any
	chunk  string
}

// receiver is the forward input of a Fluentd, of which it has the protocol alone. answer, if not nil, replaces its acknowledgement.
func receiver(t *testing.T, config *tls.Config, answer func(chunk string) []byte) (host, port string, got chan came) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	t.Cleanup(func() { _ = l.Close() })
	got = make(chan came, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(t, conn, got, answer)
		}
	}()
	host, port, _ = net.SplitHostPort(l.Addr().String())
	return host, port, got
}

func serve(t *testing.T, conn net.Conn, got chan<- came, answer func(chunk string) []byte) {
	defer conn.Close()
	for in := msgp.NewReader(conn); ; {
		c, err := receive(in)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			if !strings.Contains(err.Error(), "tls") {
				t.Errorf("the receiver: %v", err)
			}
			return
		}
		got <- c
		if c.chunk == "" {
			continue
		}
		out := msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "ack"), c.chunk)
		if answer != nil {
			out = answer(c.chunk)
		}
		if _, err := conn.Write(out); err != nil {
			return
		}
	}
}

func receive(in *msgp.Reader) (c came, err error) {
	size, err := in.ReadArrayHeader()
	if err != nil {
		return c, err
	}
	if c.tag, err = in.ReadString(); err != nil {
		return c, err
	}
	stamp := msgp.RawExtension{Type: 0}
	if err = in.ReadExtension(&stamp); err != nil {
		return c, err
	}
	c.at = time.Unix(int64(binary.BigEndian.Uint32(stamp.Data)), int64(binary.BigEndian.Uint32(stamp.Data[4:]))).UTC()
	c.record = make(map[string]any)
	if err = in.ReadMapStrIntf(c.record); err != nil {
		return c, err
	}
	if size == 4 {
		options := make(map[string]any)
		if err = in.ReadMapStrIntf(options); err != nil {
			return c, err
		}
		c.chunk, _ = options["chunk"].(string)
	}
	return c, nil
}

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestARecordHasWhatV4SendsAndMore(t *testing.T) {
	host, port, got := receiver(t, nil, nil)
	p := New(environment(map[string]string{"FLUENTBIT_HOST": host, "FLUENTBIT_PORT": port, "FLUENTBIT_TAG": "of.the.agent"}))
	resp, err := p.Process(t.Context(), plugintest.Result(map[string]string{}, "copied 12 files ☃\n"))
	if err != nil || string(resp.Output) != "Output sent to Fluent" {
		t.Fatalf("%+v, %v", resp, err)
	}
	c := <-got
	if c.tag != "of.the.agent" || !c.at.Equal(time.Date(2030, 1, 2, 3, 4, 6, 500_000_000, time.UTC)) || c.chunk == "" {
		t.Errorf("%+v", c)
	}
	want := map[string]any{
		"host": "node", "job_name": "job", "message": "copied 12 files ☃\n", "success": false, "outcome": "failed", "error": "exit status 1",
		"launch_id": "launch-1", "execution_id": "execution-1", "group": int64(7), "attempt": int64(2), "reporting_node": "server",
		"scheduled_at": "2030-01-02T03:04:05Z", "started_at": "2030-01-02T03:04:05.001Z", "finished_at": "2030-01-02T03:04:06.5Z",
	}
	for key, value := range want {
		if c.record[key] != value {
			t.Errorf("%s is %v, want %v", key, c.record[key], value)
		}
	}
	if len(c.record) != len(want) {
		t.Errorf("%v", c.record)
	}
	if resp, err = p.Process(t.Context(), plugintest.Result(map[string]string{"tag": "of.the.job", "require_ack": "false", "forward": "true"}, "\xff\x00")); err != nil || resp.Output != nil {
		t.Errorf("%+v, %v", resp, err)
	}
	if c = <-got; c.tag != "of.the.job" || c.chunk != "" || string(c.record["message"].([]byte)) != "\xff\x00" {
		t.Errorf("%+v", c)
	}
}

func TestWhatIsNotConfirmedIsAFailureThatSaysWhy(t *testing.T) {
	other := func(string) []byte {
		return msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "ack"), "another")
	}
	odd := func(string) []byte {
		return msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "error"), "no")
	}
	address := func(config *tls.Config, answer func(string) []byte) string {
		host, port, _ := receiver(t, config, answer)
		return net.JoinHostPort(host, port)
	}
	certs := plugintest.NewCertificates(t)
	for _, tt := range []struct {
		name, address, want string
		config              map[string]string
	}{
		{"nothing listens", plugintest.Refusing(t), "connecting: dial tcp", nil},
		{"silence", plugintest.Hostile(t, plugintest.Silent), "waiting for the acknowledgement took longer than 1 s", map[string]string{"timeout": "1"}},
		{"a reset", plugintest.Hostile(t, plugintest.Reset), "", nil},
		{"garbage", plugintest.Hostile(t, plugintest.Garbage), "", nil},
		{"a web server", plugintest.Hostile(t, plugintest.Web), "", nil},
		{"an end", plugintest.Hostile(t, plugintest.Briefly(func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })), "", nil},
		{"another acknowledgement", address(nil, other), `it acknowledged "another", which was not sent`, nil},
		{"an answer that is none", address(nil, odd), "its answer has no ack", nil},
		{"no TLS at the other side", address(nil, nil), "the TLS handshake", map[string]string{"tls": "true", "timeout": "2"}},
		{"an authority that is not trusted", address(certs.Server(t), nil), "unknown authority", map[string]string{"tls": "true"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "no TLS at the other side" {
				tt.address = plugintest.Hostile(t, plugintest.Web)
			}
			host, port, _ := net.SplitHostPort(tt.address)
			config := map[string]string{"host": host, "port": port}
			for k, v := range tt.config {
				config[k] = v
			}
			began := time.Now()
			resp, err := New(environment(nil)).Process(t.Context(), plugintest.Result(config, strings.Repeat("x", 256_000)))
			if err == nil || resp != nil || errors.Is(err, plugin.ErrUndeliverable) || !strings.HasPrefix(err.Error(), "send to Fluent at "+tt.address+": ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%+v, %v, want %q", resp, err, tt.want)
			}
			if took := time.Since(began); took > 9*time.Second {
				t.Errorf("it took %v", took)
			}
			t.Log(err)
		})
	}
}

func TestAConnectionIsEncryptedAndBothSidesProveThemselves(t *testing.T) {
	certs := plugintest.NewCertificates(t)
	host, port, got := receiver(t, certs.Server(t), nil)
	config := map[string]string{
		"host": host, "port": port, "tlsRootCAsFile": certs.Authority, "tlsCertificateFile": certs.Certificate, "tlsCertificateKeyFile": certs.Key,
	}
	if _, err := New(environment(nil)).Process(t.Context(), plugintest.Result(config, "secret")); err != nil {
		t.Fatal(err)
	}
	if c := <-got; c.record["message"] != "secret" || c.tag != "dkron" {
		t.Errorf("%+v", c)
	}
}

func TestWhatCanNeverBeSentIsRefusedAndTheRestIsWarnedOf(t *testing.T) {
	p := New(environment(nil))
	for _, tt := range []struct {
		key, value, want string
		hopeless         bool
	}{
		{"host", "logs.example.com", "", false},
		{"host", "::1", "", false},
		{"host", "tcp://logs", "which is not a host", true},
		{"host", "logs:24224", "with a port", true},
		{"port", "0", "which is not a port", true},
		{"port", "x", "which is not a port", true},
		{"timeout", "60", "not a number of seconds from 1 to 25, so 10 applies", false},
		{"require_ack", "si", "is not a boolean, using true", false},
		{"forward", "si", "is not a boolean", false},
		{"tlsCertificateFile", "x.pem", "without tlsCertificateKeyFile", false},
	} {
		got := p.Check(map[string]string{tt.key: tt.value})
		if tt.want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0].Key != tt.key || !strings.Contains(got[0].Text, tt.want) || (got[0].Severity == plugin.Hopeless) != tt.hopeless {
			t.Errorf("%s %q: %+v", tt.key, tt.value, got)
		}
		_, err := p.Process(t.Context(), plugintest.Result(map[string]string{tt.key: tt.value, "timeout": "1"}, ""))
		if tt.hopeless && !errors.Is(err, plugin.ErrUndeliverable) {
			t.Errorf("%s %q: %v", tt.key, tt.value, err)
		}
	}
}

func TestTheEnvironmentOfTheAgentHasDefaultsAndItsMistakesAreNamed(t *testing.T) {
	s, _ := New(environment(nil)).read(nil)
	if s.address != "127.0.0.1:24224" || s.tag != "dkron" || !s.ack || s.timeout != 10*time.Second || s.tls {
		t.Errorf("%+v", s)
	}
	p := New(environment(map[string]string{"FLUENTBIT_PORT": "set_my_env_var"}))
	_, err := p.Process(t.Context(), plugintest.Result(map[string]string{}, ""))
	if err == nil || errors.Is(err, plugin.ErrUndeliverable) || err.Error() != `the variable FLUENTBIT_PORT of the agent is "set_my_env_var", must be a number from 1 to 65535` {
		t.Errorf("%v", err)
	}
	host, port, _ := receiver(t, nil, nil)
	if _, err := p.Process(t.Context(), plugintest.Result(map[string]string{"host": host, "port": port}, "")); err != nil {
		t.Errorf("a job that has a port: %v", err)
	}
}
