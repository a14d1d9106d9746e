package cluster

import (
	"dkron/internal/porttest"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// documents is an Elasticsearch that only stores.
type documents struct {
	mu  sync.Mutex // guards all
	all map[string]map[string]any
}

func (d *documents) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var one map[string]any
	if json.NewDecoder(r.Body).Decode(&one) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[r.URL.Path] = one
	w.WriteHeader(http.StatusCreated)
}

// count returns how many documents a node has stored, and how many there are.
func (d *documents) count(node string) (by, all int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, one := range d.all {
		if one["reporting_node"] == node {
			by++
		}
	}
	return by, len(d.all)
}

// The file with the address is missing at first, then the server that it names, then the leader.
func TestDocumentsArriveAlthoughFileServerAndLeaderWereMissing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dkron.yml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := Start(t, Config{Servers: 3, Flags: []string{"--config=" + filepath.Join(dir, "dkron.yml")}})
	c.Put(map[string]any{
		"name": "a", "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"command": "echo output"},
		"processors": map[string]any{"elasticsearch": map[string]string{"config": "logs"}},
	})
	const runs = 5
	for range runs {
		Eventually(t, 20*time.Second, "a launch is taken", func() bool { return c.Do("POST", "/v1/jobs/a/run", nil, nil) == nil })
	}
	failing := func(why string) func() bool {
		return func() bool {
			p := c.processors("a")["elasticsearch"]
			return p.Pending > 0 && strings.Contains(p.LastError, why)
		}
	}
	Eventually(t, 30*time.Second, "the missing file is named", failing("there is no file dkron-processor-elasticsearch.yml in "+dir))
	addr := porttest.Addr(t)
	file := "logs:\n  url: http://" + addr + "\n  index: runs\n"
	if err := os.WriteFile(filepath.Join(dir, "dkron-processor-elasticsearch.yml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 60*time.Second, "the missing server is named", failing("nothing accepts connections at http://"+addr))
	leader := c.Leader()
	c.Event("kill leader %s", leader.Name)
	leader.Kill()
	Eventually(t, 20*time.Second, "there is another leader", func() bool { l := c.Leader(); return l != nil && l.Name != leader.Name })
	stored := &documents{all: make(map[string]map[string]any)}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: stored, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	executions, err := c.Executions("a")
	if err != nil {
		t.Fatal(err)
	}
	Eventually(t, 90*time.Second, "all are delivered", func() bool {
		p := c.processors("a")["elasticsearch"]
		return p.Delivered == len(executions) && p.Pending == 0
	})
	if old, all := stored.count(leader.Name); old > 0 || all != len(executions) {
		t.Errorf("%d documents of %d executions, %d from the leader that was killed", all, len(executions), old)
	}
	if executions, err = c.Executions("a"); err != nil {
		t.Fatal(err)
	}
	for _, e := range executions {
		if !strings.HasPrefix(e.Output, "Output in elasticsearch, index runs, document a-") {
			t.Errorf("%q", e.Output)
		}
	}
}
