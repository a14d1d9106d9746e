package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"dkron/internal/pluginhost"
	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
)

// The tests are the program when an agent starts them by a plugin's name.
func TestMain(m *testing.M) {
	if _, ok := pluginFile(os.Args[0]); ok {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// started returns the executors of this program as an agent sees them: in a process of their own.
func started(t *testing.T, names ...string) map[string]plugin.Executor {
	t.Helper()
	files := make([]string, len(names))
	for i, name := range names {
		files[i] = "dkron-executor-" + name
	}
	return startedAs(t, files...).Executors()
}

// startedAs returns an agent's host of this program under the names of plugins.
func startedAs(t *testing.T, files ...string) *pluginhost.Host {
	t.Helper()
	h := pluginhost.New(pluginhost.Config{Dirs: []string{folder(t, files...)}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Grace: 5 * time.Second})
	t.Cleanup(h.Close)
	return h
}

// folder returns a folder with this program in it under the names of plugins.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, file := range files {
		if err := os.Symlink(self, filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAnAgentCallsGRPCThroughThePlugin(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(s, health.NewServer())
	reflection.Register(s)
	go func() { _ = s.Serve(l) }()
	defer s.Stop()
	e := started(t, "grpc")["grpc"]
	response, output := plugintest.Run(t, e, map[string]string{"url": l.Addr().String() + "/grpc.health.v1.Health/Check"})
	if response.Error != "" || output != "{\"status\":\"SERVING\"}\nStatus: OK\n" {
		t.Errorf("%+v, output %q", response, output)
	}
	response, _ = plugintest.Run(t, e, map[string]string{"url": l.Addr().String() + "/grpc.health.v1.Health/Check", "body": `{"service": "none"}`})
	if response.Error != "server returned NotFound code, expected OK" || response.Reason != "answered NotFound (5): unknown service, expected OK" {
		t.Errorf("%+v", response)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	out := &plugintest.Output{Wrote: func() { stop(plugin.ErrStopped) }}
	stopped, err := e.Execute(ctx, plugintest.Request(map[string]string{"url": l.Addr().String() + "/grpc.health.v1.Health/Watch", "timeout": "0"}), out)
	if err != nil || !strings.HasPrefix(stopped.Error, plugin.ErrStopped.Error()) || !strings.HasPrefix(out.String(), `{"status":"SERVING"}`) {
		t.Errorf("a stop of a stream: %+v, %v, output %q", stopped, err, out)
	}
}

func TestAnAgentGetsReasonsOfRabbitMQThroughThePlugin(t *testing.T) {
	e := started(t, "rabbitmq")["rabbitmq"]
	addr := plugintest.Refusing(t)
	response, _ := plugintest.Run(t, e, map[string]string{"url": "amqp://" + addr, "queue.name": "q"})
	if !strings.Contains(response.Error, "connection refused") || response.Reason != "nothing accepts connections at "+addr+"; check that the server runs and that the port is right" {
		t.Errorf("%+v", response)
	}
	response, _ = plugintest.Run(t, e, map[string]string{"url": "amqp://" + plugintest.Hostile(t, plugintest.Silent), "queue.name": "q", "timeout": "1"})
	if !response.TimedOut {
		t.Errorf("%+v", response)
	}
}
