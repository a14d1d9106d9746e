package nats

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
)

// with returns the configuration with more keys.
func with(config map[string]string, more ...string) map[string]string {
	config = maps.Clone(config)
	for i := 0; i < len(more); i += 2 {
		config[more[i]] = more[i+1]
	}
	return config
}

func TestAMessageArrivesWithItsHeadersAndTheIdOfItsLaunch(t *testing.T) {
	s := run(t, nil)
	came := listen(t, s, "orders.>")
	config := map[string]string{"url": s.ClientURL(), "subject": "orders.nightly", "message": "go\nnow", "headers": `["X-Kind: a: b", "X-Kind: c"]`}
	if out := succeed(t, started(t), config); out != "Result: Message successfully sent\n" {
		t.Errorf("output %q", out)
	}
	m := next(t, came)
	if string(m.Data) != "go\nnow" || m.Header.Get("Nats-Msg-Id") != "j.7" || fmt.Sprint(m.Header.Values("X-Kind")) != "[a: b c]" {
		t.Errorf("%s %v", m.Data, m.Header)
	}
	succeed(t, started(t), with(config, "headers", `["Nats-Msg-Id: mine"]`))
	if got := next(t, came).Header.Values("Nats-Msg-Id"); fmt.Sprint(got) != "[mine]" {
		t.Errorf("a job's own id: %q", got)
	}
	// Another server of the list serves too, and an address may lack its scheme.
	succeed(t, started(t), with(config, "url", "127.0.0.1:1, "+strings.TrimPrefix(s.ClientURL(), "nats://")))
	next(t, came)
}

func TestManyExecutionsShareAConnection(t *testing.T) {
	s, e := run(t, nil), started(t)
	came := listen(t, s, "s.>")
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			_, resp := execute(t.Context(), e, map[string]string{"url": s.ClientURL(), "subject": fmt.Sprintf("s.%d", i)})
			if resp.Error != "" {
				t.Error(resp.Error)
			}
		})
	}
	all.Wait()
	for range 1000 {
		next(t, came)
	}
	if v, err := s.Varz(nil); err != nil || v.TotalConnections != 2 { // and the listener's
		t.Errorf("%d connections, %v", v.TotalConnections, err)
	}
	e.Close()
	for deadline := time.Now().Add(time.Minute); s.NumClients() > 1; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the connection is left open")
		}
	}
}

func TestAnExecutionAfterTheServersRestartConnectsAgain(t *testing.T) {
	s, e := run(t, nil), started(t)
	config := map[string]string{"url": s.ClientURL(), "subject": "a"}
	succeed(t, e, config)
	port := s.Addr().String()
	s.Shutdown()
	s.WaitForShutdown()
	if _, resp := execute(t.Context(), e, config); !strings.Contains(resp.Error, "connection refused") && !strings.Contains(resp.Error, "the connection broke before") {
		t.Errorf("while it is down: %s", resp.Error)
	}
	var n int
	if _, err := fmt.Sscanf(port, "127.0.0.1:%d", &n); err != nil {
		t.Fatal(err)
	}
	run(t, func(o *server.Options) { o.Port = n })
	succeed(t, e, config)
}

func TestEveryWayToSayWhoConnects(t *testing.T) {
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, _ := pair.PublicKey()
	seed, _ := pair.Seed()
	file := filepath.Join(t.TempDir(), "user.nk")
	if err := os.WriteFile(file, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	users := run(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "me", Password: "s3:cret@,", Permissions: nil}}
		o.Nkeys = []*server.NkeyUser{{Nkey: public}}
	})
	token := run(t, func(o *server.Options) { o.Authorization = "t0ken" })
	at := map[string]string{"url": users.ClientURL(), "subject": "a", "debug": "true"}
	for _, config := range []map[string]string{
		with(at, "userName", "me", "password", "s3:cret@,"), with(at, "nkeySeedFile", file), with(at, "url", token.ClientURL(), "token", "t0ken"),
		with(at, "url", strings.Replace(token.ClientURL(), "://", "://t0ken@", 1)),
	} {
		out := succeed(t, started(t), config)
		if strings.Contains(out, "s3:") || strings.Contains(out, "t0ken") || !strings.HasPrefix(out, "Config: ") {
			t.Errorf("debug: %s", out)
		}
	}
	for want, config := range map[string]map[string]string{
		"check userName and password, token, credentialsFile or nkeySeedFile: none is set": at,
		"check userName and password":             with(at, "userName", "me", "password", "wr0ng"),
		"check token":                             with(at, "url", token.ClientURL(), "token", "wr0ng"),
		"no such file":                            with(at, "nkeySeedFile", file+".missing"),
		"nkeySeedFile: the file is too large":     with(at, "nkeySeedFile", os.Args[0]),
		"nkeySeedFile: nkeys: no nkey seed found": with(at, "nkeySeedFile", "execute_test.go"),
		"unable to extract key pair from file":    with(at, "credentialsFile", "execute_test.go"),
		"password is set without userName":        with(at, "password", "x"),
		"token and userName are both set":         with(at, "userName", "me", "password", "x", "token", "y"),
		"tlsCertificateKeyFile must be set ":      with(at, "tlsCertificateFile", file),
	} {
		_, resp := execute(t.Context(), started(t), config)
		if !strings.Contains(resp.Error, want) || strings.Contains(resp.Error, "wr0ng") {
			t.Errorf("%s, want %s", resp.Error, want)
		}
		if len(want) > 3 && strings.HasPrefix(want, "check") && !strings.HasPrefix(resp.Error, "error connecting to NATS: ") {
			t.Error(resp.Error)
		}
	}
}

func TestTLSIsCheckedOnBothSides(t *testing.T) {
	a := plugintest.NewCertificates(t)
	cert, key := a.Certificate, a.Key
	secure := run(t, func(o *server.Options) { o.TLSConfig, o.TLS, o.TLSTimeout = a.Server(t), true, 5 })
	first := run(t, func(o *server.Options) {
		o.TLSConfig, o.TLS, o.TLSHandshakeFirst, o.TLSTimeout = a.Server(t), true, true, 5
	})
	plain := run(t, nil)
	at := func(s *server.Server) string { return "tls://" + s.Addr().String() }
	good := map[string]string{"url": at(secure), "subject": "a", "tlsRootCAsFile": a.Authority, "tlsCertificateFile": cert, "tlsCertificateKeyFile": key}
	none := map[string]string{"url": at(secure), "subject": "a"}
	for _, config := range []map[string]string{
		good, with(good, "url", "nats://"+secure.Addr().String()), with(good, "tlsNoVerifyPeer", "true", "tlsRootCAsFile", ""), with(good, "url", at(first), "tlsHandshakeFirst", "true"),
	} {
		succeed(t, started(t), config)
	}
	for _, tt := range []struct {
		config map[string]string
		want   string
	}{
		{none, "check tlsRootCAsFile"},
		{with(none, "tlsRootCAsFile", a.Authority), "check tlsRootCAsFile, the name in url, and whether the server wants a client certificate"},
		{with(good, "url", at(plain)), "the server has no TLS"},
		{with(good, "url", "nats://"+plain.Addr().String()), "the server has no TLS"},
		{with(good, "tlsRootCAsFile", "/missing.pem"), "/missing.pem"},
		{with(good, "tlsRootCAsFile", key), "no certificate in"},
		{with(good, "url", at(first)), "tlsHandshakeFirst"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if _, resp := execute(ctx, started(t), tt.config); !strings.Contains(resp.Error, tt.want) {
			t.Errorf("%v: %s, want %s", tt.config, resp.Error, tt.want)
		}
		cancel()
	}
}

// Other executions use the connection at the same time, and are not disturbed.
func TestARefusedMessageFailsItsExecutionAlone(t *testing.T) {
	s := run(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "me", Password: "x", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Deny: []string{"secret.>"}}, Subscribe: &server.SubjectPermission{Deny: []string{"_INBOX.>"}},
		}}}
	})
	e := started(t)
	config := map[string]string{"url": s.ClientURL(), "userName": "me", "password": "x"}
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			subject, want := fmt.Sprintf("open.%d", i), ""
			if i%2 == 0 {
				subject, want = fmt.Sprintf("secret.%d", i), "does not let this user publish on secret."
			}
			_, resp := execute(t.Context(), e, with(config, "subject", subject))
			if want == "" && resp.Error != "" || !strings.Contains(resp.Error, want) {
				t.Errorf("%s: %s", subject, resp.Error)
			}
		})
	}
	all.Wait()
	for _, key := range []string{"reply", "jetstream"} {
		if _, resp := execute(t.Context(), e, with(config, "subject", "open.1", key, "true")); !strings.Contains(resp.Error, "allow it to subscribe to _INBOX.>") {
			t.Errorf("%s: %s", key, resp.Error)
		}
	}
}

func TestAStreamConfirmsAndDropsARepetition(t *testing.T) {
	s := run(t, func(o *server.Options) { o.JetStream, o.StoreDir = true, t.TempDir() })
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "ORDERS", Subjects: []string{"orders.>"}, MaxMsgSize: 1000}); err != nil {
		t.Fatal(err)
	}
	config := map[string]string{"url": s.ClientURL(), "subject": "orders.a", "jetstream": "true", "message": "x"}
	const first = "Result: Message successfully sent\nStream: ORDERS, sequence 1"
	if out := succeed(t, started(t), config); out != first+"\n" {
		t.Errorf("output %q", out)
	}
	if out := succeed(t, started(t), config); out != first+", stored before: this is a repetition\n" { // another attempt of the launch
		t.Errorf("output %q", out)
	}
	came := listen(t, s, "service")
	go func() {
		for m := range came {
			_ = m.Respond([]byte("what?"))
		}
	}()
	for subject, want := range map[string]string{"other": "no stream stores messages on other", "service": "what answers on service is not a stream"} {
		if _, resp := execute(t.Context(), started(t), with(config, "subject", subject)); !strings.Contains(resp.Error, want) {
			t.Errorf("%s: %s", subject, resp.Error)
		}
	}
	if _, resp := execute(t.Context(), started(t), with(config, "message", strings.Repeat("x", 2000))); !strings.Contains(resp.Error, "the stream refused the message: message size exceeds maximum allowed (400)") {
		t.Error(resp.Error)
	}
}

func TestTheAnswerIsTheOutput(t *testing.T) {
	s := run(t, func(o *server.Options) { o.MaxPayload = 16 << 20 })
	came := listen(t, s, "ask.>")
	go func() {
		for m := range came {
			switch m.Subject {
			case "ask.time":
				_ = m.Respond(append([]byte("noon, "), m.Data...))
			case "ask.big":
				_ = m.Respond(make([]byte, 15<<20))
			case "ask.error":
				_ = m.RespondMsg(&nats.Msg{Header: nats.Header{"Nats-Service-Error": {"no such order"}, "Nats-Service-Error-Code": {"404"}}})
			}
		}
	}()
	config := map[string]string{"url": s.ClientURL(), "subject": "ask.time", "reply": "true", "message": "please"}
	if out := succeed(t, started(t), config); out != "Result: Message successfully sent\nnoon, please" {
		t.Errorf("output %q", out)
	}
	if out := succeed(t, started(t), with(config, "subject", "ask.big")); len(out) < 15<<20 {
		t.Errorf("%d bytes", len(out))
	}
	for subject, want := range map[string]string{"ask.error": "the service answered with an error: 404 no such order", "nobody": "nobody answers on nobody: start the service, or check subject"} {
		if _, resp := execute(t.Context(), started(t), with(config, "subject", subject)); !strings.Contains(resp.Error, want) {
			t.Errorf("%s: %s", subject, resp.Error)
		}
	}
	_, resp := execute(t.Context(), started(t), with(config, "subject", "ask.nothing", "timeout", "1"))
	if resp.Error != "timed out after 1 s while waiting for the answer" || !resp.TimedOut || resp.Reason != "timed out after 1 s" {
		t.Errorf("%+v", resp)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(100*time.Millisecond, func() { cancel(plugin.ErrStopped) })
	if _, resp := execute(ctx, started(t), with(config, "subject", "ask.nothing")); resp.Error != "stopped on request while waiting for the answer" {
		t.Errorf("%+v", resp)
	}
}

func TestAMessageThatIsTooLargeSaysHowLargeItMayBe(t *testing.T) {
	s := run(t, func(o *server.Options) { o.MaxPayload = 1000 })
	_, resp := execute(t.Context(), started(t), map[string]string{"url": s.ClientURL(), "subject": "a", "message": strings.Repeat("x", 1000)})
	if !strings.Contains(resp.Error, "the message is too large: the server takes at most 1000 bytes with headers") {
		t.Error(resp.Error)
	}
}
