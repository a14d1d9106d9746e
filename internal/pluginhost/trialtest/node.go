package trialtest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/internal/porttest"
)

// Node is a server of its own, in a process that is killed and started again.
type Node struct {
	binary, config, data string
	http, bind, rpc      string
	cmd                  *exec.Cmd
}

// NewNode builds dkron from the parent of the module's folder, and starts a server with the plugins of a folder, which it moves. The
// server ends with the test.
func NewNode(t *testing.T, plugins string) *Node {
	t.Helper()
	dir := t.TempDir()
	n := &Node{binary: filepath.Join(dir, "dkron"), config: filepath.Join(dir, "dkron.yml"), data: filepath.Join(dir, "data"), rpc: porttest.Port(t)}
	n.http, n.bind = porttest.Addr(t), porttest.Addr(t)
	build := exec.Command("go", "build", "-o", n.binary, "./cmd/dkron")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(n.config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(plugins, filepath.Join(dir, "plugins")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Kill)
	n.Start(t)
	return n
}

// Start starts the server, again after Kill.
func (n *Node) Start(t *testing.T) {
	t.Helper()
	n.cmd = exec.Command(n.binary, "agent", "--config="+n.config, "--server", "--bootstrap-expect=1", "--node-name=node", "--data-dir="+n.data,
		"--profile=local", "--http-addr="+n.http, "--bind-addr="+n.bind, "--rpc-port="+n.rpc)
	n.cmd.Stdout, n.cmd.Stderr = t.Output(), t.Output()
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the server as a crash does.
func (n *Node) Kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
}

// Call calls the API until ok accepts the answer.
func (n *Node) Call(t *testing.T, method, path, body, what string, ok func(status int, text string) bool) {
	t.Helper()
	last := ""
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s; last was %s", what, last)
		}
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+n.http+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			last = err.Error()
			continue
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if last = fmt.Sprintf("%d: %s", resp.StatusCode, text); ok(resp.StatusCode, string(text)) {
			return
		}
	}
}
