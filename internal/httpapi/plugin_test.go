package httpapi

import (
	"context"
	"testing"

	"dkron"
	"dkron/internal/plugins"
)

// fakePlugins is a cluster whose node n1 has a plugin, and whose node n2 does not answer.
type fakePlugins struct{}

func (fakePlugins) Survey(_ context.Context, node string) (*plugins.Survey, error) {
	if node != "" && node != "n1" {
		return nil, dkron.ErrNotFound
	}
	return &plugins.Survey{Plugins: []plugins.Row{{Node: "n1", Kind: "executor", Name: "hello", State: plugins.Idle}},
		Unreachable: []plugins.Unreachable{{Node: "n2", Error: "refused"}}}, nil
}

func (fakePlugins) Restart(ctx context.Context, node string, r plugins.Restart) (*plugins.Row, error) {
	switch r.Name {
	case "hello":
		return &plugins.Row{Node: node, Kind: r.Kind, Name: r.Name, State: plugins.Running, Path: dkron.Actor(ctx)}, nil
	case "shell":
		return nil, dkron.Conflict("plugin shell is not used")
	}
	return nil, dkron.ErrNotFound
}

func TestPluginsOfAllNodesAreListed(t *testing.T) {
	s := newServer(t)
	const want = `{"plugins":[{"node":"n1","kind":"executor","name":"hello","path":"","version":"","state":"idle","reason":"","next_start":null,` +
		`"pid":null,"started_at":null,"restarts":0,"executions":0,"retired":0,"memory":null,"last_error":"","last_error_at":null}],` +
		`"unreachable":[{"node":"n2","error":"refused"}]}`
	for _, path := range []string{"/v1/plugins", "/v1/plugins?node=n1"} {
		if a := s.do("GET", path, "").want(200); a.body != want {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	s.do("GET", "/v1/plugins?node=other", "").want(404)
}

func TestAPluginIsRestartedByNodeKindAndName(t *testing.T) {
	s := newServer(t)
	a := s.do("POST", "/v1/nodes/n1/plugins/executor/hello/restart", "").want(200)
	var row plugins.Row
	if a.decode(&row); row.Node != "n1" || row.Kind != "executor" || row.State != plugins.Running || row.Path == "" {
		t.Errorf("%s", a.body)
	}
	s.do("POST", "/v1/nodes/n1/plugins/executor/shell/restart", "").want(409)
	s.do("POST", "/v1/nodes/n1/plugins/executor/none/restart", "").want(404)
}
