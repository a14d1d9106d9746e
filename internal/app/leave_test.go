package app

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"dkron/internal/config"
	"dkron/internal/porttest"
)

// run runs a node and returns the channel that gets its end.
func run(t *testing.T, settings ...string) <-chan error {
	t.Helper()
	env := append([]string{"DKRON_DATA_DIR=" + t.TempDir(), "DKRON_PROFILE=local"}, settings...)
	cfg, _, err := config.Load(nil, env, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended, joined := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- Run(ctx, cfg, "test", slog.New(slog.DiscardHandler))
		close(joined)
	}()
	t.Cleanup(func() { cancel(); <-joined })
	return ended
}

func TestANodeLeavesByItsOwnAPIAndAskingTwiceIsFine(t *testing.T) {
	gossip, api, agentAPI := porttest.Addr(t), porttest.Addr(t), porttest.Addr(t)
	server := run(t, "DKRON_NODE_NAME=s1", "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1", "DKRON_BIND_ADDR="+gossip,
		"DKRON_RPC_PORT="+porttest.Port(t), "DKRON_HTTP_ADDR="+api)
	agent := run(t, "DKRON_NODE_NAME=a1", "DKRON_RETRY_JOIN="+gossip, "DKRON_BIND_ADDR="+porttest.Addr(t),
		"DKRON_RPC_PORT="+porttest.Port(t), "DKRON_HTTP_ADDR="+agentAPI)
	waitFor(t, "the agent to be ready", func() bool { code, _ := get("http://" + agentAPI + "/ready"); return code == http.StatusOK })

	for _, x := range []struct {
		name string
		node <-chan error
	}{{agentAPI, agent}, {api, server}} { // the agent first: without a server it has nobody to ask
		name, node := x.name, x.node
		first := make(chan int, 1)
		go func() { code, _ := post("http://"+name+"/v1/leave", ""); first <- code }()
		waitFor(t, "the node to say that it leaves", func() bool {
			code, body := get("http://" + name + "/ready")
			return code == http.StatusServiceUnavailable && strings.Contains(body, `"reason":"this node is leaving"`)
		})
		if code, body := get("http://" + name + "/v1/jobs"); code != http.StatusOK {
			t.Error("a read while it leaves:", code, body)
		}
		if code, body := post("http://"+name+"/v1/leave", ""); code != http.StatusOK || body != "{}" {
			t.Error("asked a second time:", code, body)
		}
		if code := <-first; code != http.StatusOK {
			t.Error("asked first:", code)
		}
		if err := <-node; err != nil {
			t.Error(err)
		}
	}
}

func TestWhatOutlastsTheDrainIsEndedAndRecorded(t *testing.T) {
	url := startServer(t)
	api := porttest.Addr(t)
	_, member := get(url + "/v1/leader")
	_, port, _ := strings.Cut(member, `"Port":`)
	port, _, _ = strings.Cut(port, ",")
	agent := run(t, "DKRON_NODE_NAME=a1", "DKRON_RETRY_JOIN=127.0.0.1:"+port, "DKRON_BIND_ADDR="+porttest.Addr(t),
		"DKRON_RPC_PORT="+porttest.Port(t), "DKRON_HTTP_ADDR="+api, "DKRON_TAG=is=a1", "DKRON_DRAIN_TIMEOUT=200ms")
	post(url+"/v1/jobs", `{"name":"long","schedule":"@manually","tags":{"is":"a1"},"executor":"shell",
		"executor_config":{"shell":"true","command":"sleep 600"}}`)
	waitFor(t, "the job to run", func() bool { code, _ := post(url+"/v1/jobs/long/run", ""); return code == http.StatusOK })
	waitFor(t, "the command to run", func() bool { _, body := get(url + "/v1/busy"); return strings.Contains(body, "long") })
	began := time.Now()
	if code, _ := post("http://"+api+"/v1/leave", ""); code != http.StatusOK {
		t.Error(code)
	}
	if err := <-agent; err != nil || time.Since(began) > time.Minute {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	if _, body := get(url + "/v1/jobs/long/executions"); !strings.Contains(body, `"outcome":"failed"`) {
		t.Error("the leader was not told:", body)
	}
}
