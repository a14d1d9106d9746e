//go:build unix

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/twmb/franz-go/pkg/kfake"

	"dkron/internal/pluginhost"
	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
)

// hosted builds the program, installs it as a user does, and returns the agent's view of its executors.
func hosted(t *testing.T) map[string]plugin.Executor {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "downloaded")
	for _, args := range [][]string{{"env", "CGO_ENABLED=0", "go", "build", "-ldflags", "-X main.version=1.2.3", "-o", binary, "."}, {binary, "install", filepath.Join(dir, "plugins")}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	if err := os.Remove(binary); err != nil { // what is installed needs no other file
		t.Fatal(err)
	}
	host := pluginhost.New(pluginhost.Config{Dirs: []string{filepath.Join(dir, "plugins")}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(host.Close)
	return host.Executors()
}

// job is what a page of the guide has as its example.
type job struct {
	Name           string            `json:"name"`
	Executor       string            `json:"executor"`
	ExecutorConfig map[string]string `json:"executor_config"`
}

var example = regexp.MustCompile("(?s)<!-- test -->\n```sh\ncurl localhost:8080/v1/jobs -XPOST -d '(.*?)'\n```")

// examples returns the jobs of an executor's page.
func examples(t *testing.T, name string) (jobs []job) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "guide", "executor-"+name+".md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range example.FindAllSubmatch(page, -1) {
		var j job
		if err := json.Unmarshal(m[1], &j); err != nil || j.Executor != name {
			t.Fatalf("%v: %s", err, m[1])
		}
		jobs = append(jobs, j)
	}
	if len(jobs) == 0 {
		t.Fatalf("the page of %s has no example", name)
	}
	return jobs
}

// The jobs of the guide run in a real process; only the address is another.
func TestExamplesOfTheGuideRunInAPluginsProcess(t *testing.T) {
	broker, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	broker.Start()
	defer broker.Shutdown()
	if !broker.ReadyForConnections(10 * time.Second) {
		t.Fatal("NATS does not start")
	}
	nc, err := nats.Connect(broker.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	came, err := nc.SubscribeSync(">")
	if err != nil || nc.Flush() != nil {
		t.Fatal(err)
	}
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	executors := hosted(t)
	for name, where := range map[string]struct{ key, address, output string }{
		"nats":  {"url", broker.ClientURL(), "Result: Message successfully sent\n"},
		"kafka": {"brokerAddress", kafka.ListenAddrs()[0], "Result: successfully produced the message on Kafka broker\nPartition: 0, offset 0\n"},
	} {
		executor := executors[name]
		if executor == nil {
			t.Fatalf("the agent does not find %s", name)
		}
		for _, j := range examples(t, name) {
			j.ExecutorConfig[where.key] = where.address
			var out plugintest.Output
			resp, err := executor.Execute(t.Context(), &plugin.ExecuteRequest{JobName: j.Name, Config: j.ExecutorConfig, LaunchID: j.Name + ".1", Attempt: 1}, &out)
			if err != nil || resp.Error != "" || out.String() != where.output {
				t.Errorf("%s: %+v %v\n%s", name, resp, err, &out)
			}
		}
	}
	if m, err := came.NextMsg(10 * time.Second); err != nil || m.Header.Get("Nats-Msg-Id") == "" {
		t.Errorf("%+v %v", m, err)
	}
}

func TestAStopReachesAPluginsProcess(t *testing.T) {
	executors := hosted(t)
	for name, config := range map[string]map[string]string{
		"nats":  {"subject": "a", "timeout": "0"},
		"kafka": {"topic": "a", "timeout": "0"},
	} {
		reached := make(chan struct{}, 100)
		silent := plugintest.Hostile(t, func(net.Conn) { reached <- struct{}{} })
		config["url"], config["brokerAddress"] = silent, silent
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-reached
			cancel(plugin.ErrStopped)
		}()
		var out plugintest.Output
		resp, err := executors[name].Execute(ctx, &plugin.ExecuteRequest{JobName: "j", Config: config}, &out)
		if err != nil || !strings.HasPrefix(resp.Error, "stopped on request while connecting to ") {
			t.Errorf("%s: %+v %v", name, resp, err)
		}
	}
}
