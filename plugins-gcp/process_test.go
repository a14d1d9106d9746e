package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"

	"dkron/internal/pluginhost"
	"dkron/plugin"
)

const name = "dkron-executor-gcppubsub"

// The tests are the program when an agent starts them by the executor's name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == name {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type output struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (o *output) Write(chunk []byte, _ bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(chunk)
}

func (o *output) Started([]byte) error { return nil }

// folder returns a folder of plugins with this program in it.
func folder(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnAgentPublishesThroughThePlugin(t *testing.T) {
	s := pstest.NewServer()
	defer s.Close()
	if _, err := s.GServer.CreateTopic(t.Context(), &pubsubpb.Topic{Name: "projects/p/topics/nightly"}); err != nil {
		t.Fatal(err)
	}
	h := pluginhost.New(pluginhost.Config{Dirs: []string{folder(t)}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	defer h.Close()
	out := new(output)
	response, err := h.Executors()["gcppubsub"].Execute(t.Context(), &plugin.ExecuteRequest{
		LaunchID: "launch-1", Config: map[string]string{"project": "p", "topic": "nightly", "data": "aGVsbG8=", "endpoint": "http://" + s.Addr},
	}, out)
	if err != nil || response.Error != "" {
		t.Fatalf("%+v, %v", response, err)
	}
	if m := s.Message(out.text.String()); m == nil || string(m.Data) != "hello" || m.Attributes["dkron-launch-id"] != "launch-1" {
		t.Errorf("output %q: %+v", out.text.String(), m)
	}
}
