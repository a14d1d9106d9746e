//go:build unix

package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/twmb/franz-go/pkg/kfake"

	"dkron/internal/pluginhost/trialtest"
)

// Each plugin passes dkron plugin check; those whose server runs in this process with executions, too.
func TestEachPluginPassesItsCheck(t *testing.T) {
	broker, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	broker.Start()
	defer broker.Shutdown()
	if !broker.ReadyForConnections(30 * time.Second) {
		t.Fatal("NATS does not start")
	}
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	dir := folder(t, files()...)
	for _, r := range table() {
		t.Run(r.file(), func(t *testing.T) {
			trialtest.Passes(t, filepath.Join(dir, r.file()), false, map[string]map[string]string{
				"nats":  {"url": broker.ClientURL(), "subject": "orders", "message": "a"},
				"kafka": {"brokerAddress": kafka.ListenAddrs()[0], "topic": "orders", "message": "a"},
			}[r.name])
		})
	}
}
