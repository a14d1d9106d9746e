package nats

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
)

// run starts a server.
func run(t *testing.T, change func(*server.Options)) *server.Server {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true}
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	return s
}

// listen subscribes to a subject, and returns what comes.
func listen(t *testing.T, s *server.Server, subject string, o ...nats.Option) <-chan *nats.Msg {
	t.Helper()
	nc, err := nats.Connect(s.ClientURL(), append(o, nats.MaxReconnects(0))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	came := make(chan *nats.Msg, 10_000)
	if _, err := nc.ChanSubscribe(subject, came); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return came
}

// started returns an executor that is closed at the end.
func started(t *testing.T) *Executor {
	e := New()
	t.Cleanup(e.Close)
	return e
}

// execute runs one execution, and returns its output and its error.
func execute(ctx context.Context, e *Executor, config map[string]string) (string, *plugin.ExecuteResponse) {
	var out plugintest.Output
	resp, err := e.Execute(ctx, &plugin.ExecuteRequest{JobName: "j", Config: config, LaunchID: "j.7", ExecutionID: "7-n"}, &out)
	if err != nil {
		resp = &plugin.ExecuteResponse{Error: err.Error()}
	}
	return out.String(), resp
}

// succeed runs one execution that must succeed.
func succeed(t *testing.T, e *Executor, config map[string]string) string {
	t.Helper()
	out, resp := execute(t.Context(), e, config)
	if resp.Error != "" {
		t.Fatal(resp.Error)
	}
	return out
}

// next returns the next message.
func next(t *testing.T, came <-chan *nats.Msg) *nats.Msg {
	t.Helper()
	select {
	case m := <-came:
		return m
	case <-time.After(time.Minute):
		t.Fatal("no message comes")
		return nil
	}
}
