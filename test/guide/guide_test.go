package guide

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dkron/internal/porttest"
	"dkron/test/cluster"
)

const (
	pages     = "../../docs/guide"
	within    = 30 * time.Second
	pollEvery = 50 * time.Millisecond
	user      = "guide" // of nodes with access control, and its password
)

func TestMain(m *testing.M) {
	code := m.Run()
	cluster.RemoveBinary()
	os.Exit(code)
}

func TestWhatTheGuideTellsOneToTypeWorks(t *testing.T) {
	files, err := filepath.Glob(pages + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	plugins := sync.OnceValues(func() (string, error) { return buildPlugins(t) })
	for _, file := range files {
		blocks, err := read(file)
		if err != nil {
			t.Error(err)
		}
		if len(blocks) == 0 {
			continue
		}
		tested++
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var flags []string
			if needsPlugins(filepath.Base(file)) {
				dir, err := plugins()
				if err != nil {
					t.Fatal(err)
				}
				flags = append(flags, "--config="+filepath.Join(dir, "dkron.yml"))
			}
			if filepath.Base(file) == "security.md" {
				flags = append(flags, "--acl-enabled", "--username="+user, "--password="+user, "--encrypt=MDEyMzQ1Njc4OWFiY2RlZg==")
			}
			if filepath.Base(file) == "tls.md" {
				flags = append(flags, "--join-secret-file=/etc/dkron/join-secret")
			}
			n := start(t, flags...)
			if filepath.Base(file) == "tls.md" {
				n.awaitCertificate(t)
			}
			if filepath.Base(file) == "plugins.md" {
				n.buildPlugin(t)
			}
			for _, b := range blocks {
				n.run(t, file, b)
			}
		})
	}
	if tested == 0 {
		t.Error("no page has a marked block")
	}
}

func TestOutputIsComparedLoosely(t *testing.T) {
	for _, c := range []struct {
		page, output string
		want         bool
	}{
		{`{"a": 1}`, `{"a":1}`, true},
		{"{\n  \"a\": …,\n  …}\n", `{"a":1,"b":2}`, true},
		{`{"a": 1, …}`, `{"a":2,"b":2}`, false},
		{"…c", "a\nb\nc\n", true},
		{"c", "a\nb\nc\n", false},
		{"a.c", "abc", false},
	} {
		if got := (&block{text: c.page}).prints(c.output); got != c.want {
			t.Errorf("%q, %q: %v", c.page, c.output, got)
		}
	}
}

// node is a temporary server.
type node struct {
	addr string
	rpc  string
	here *strings.Replacer // of the addresses that the pages have
	dir  string            // where the blocks run
	path string            // PATH, with dkron in it
}

func start(t *testing.T, flags ...string) *node {
	t.Helper()
	binary, err := cluster.Binary()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(bin, "dkron")); err != nil {
		t.Fatal(err)
	}
	local := func() string { return porttest.Addr(t) }
	n := &node{addr: local(), rpc: porttest.Port(t), dir: t.TempDir(), path: bin + string(os.PathListSeparator) + os.Getenv("PATH")}
	secret := filepath.Join(t.TempDir(), "join-secret")
	if err := os.WriteFile(secret, []byte("correct horse battery staple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n.here = strings.NewReplacer("localhost:8080", n.addr, "127.0.0.1:6868", "127.0.0.1:"+n.rpc, "/etc/dkron/join-secret", secret)
	for i := range flags {
		flags[i] = n.here.Replace(flags[i])
	}
	flags = append(flags, "--dev", "--profile=local", "--drain-timeout=1s", "--http-addr="+n.addr, "--bind-addr="+local(),
		"--rpc-port="+n.rpc)
	cmd := exec.Command(binary, append([]string{"agent"}, flags...)...)
	cmd.Env, cmd.Dir = n.environ(), n.dir
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("the node ended with %v; its log:\n%s", err, log.String())
		}
	})
	n.wait(t)
	return n
}

// awaitCertificate waits until the node has made its cluster's authority, and has a certificate of it.
func (n *node) awaitCertificate(t *testing.T) {
	t.Helper()
	for {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", n.here.Replace("dkron tls status --rpc-addr=127.0.0.1:6868 --join-secret-file=/etc/dkron/join-secret"))
		cmd.Env = n.environ()
		if out, _ := cmd.CombinedOutput(); strings.Contains(string(out), " server ") {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the node has no certificate")
		case <-time.After(pollEvery):
		}
	}
}

// needsPlugins reports whether a page is about an executor or a processor that is not built in.
func needsPlugins(page string) bool {
	if page == "processor-fluent.md" {
		return true
	}
	name, ok := strings.CutPrefix(strings.TrimSuffix(page, ".md"), "executor-")
	return ok && name != "shell" && name != "http" && name != "checkin"
}

// buildPlugins returns a folder with the folder of this repository's plugins in it, where a node looks that has its
// configuration there.
func buildPlugins(t *testing.T) (string, error) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "plugins"), 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "dkron.yml"), nil, 0o600); err != nil {
		return "", err
	}
	program := filepath.Join(dir, "dkron-plugins")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = "../../plugins"
	for _, cmd := range []*exec.Cmd{build, exec.Command(program, "install", filepath.Join(dir, "plugins"))} {
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
		}
	}
	return dir, nil
}

// buildPlugin puts the example of a plugin where the blocks run.
func (n *node) buildPlugin(t *testing.T) {
	t.Helper()
	cmd := exec.Command("go", "build", "-o", n.dir, "dkron/plugin/example/dkron-executor-hello", "dkron/plugin/example/dkron-processor-note")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, out)
	}
}

// environ is the environment without anything that dkron would read as a setting.
func (n *node) environ() []string {
	return []string{"PATH=" + n.path, "HOME=" + n.dir, "TMPDIR=" + os.TempDir(), "DKRON_URL=http://" + n.addr}
}

// wait waits until a job runs: a server leads a moment before its nodes take orders.
func (n *node) wait(t *testing.T) {
	t.Helper()
	const probe = `{"name":"ready","schedule":"@manually","executor":"shell","executor_config":{"command":"true"}}`
	steps := [][3]string{{"POST", "/v1/jobs", probe}, {"POST", "/v1/jobs/ready/run", ""}, {"DELETE", "/v1/jobs/ready", ""}}
	seen := ""
	for began := time.Now(); len(steps) > 0; time.Sleep(pollEvery) {
		if time.Since(began) > within {
			t.Fatalf("not within %v: the node works; last was %s", within, seen)
		}
		req, err := http.NewRequest(steps[0][0], "http://"+n.addr+steps[0][1], strings.NewReader(steps[0][2]))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(user, user)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			seen = err.Error()
			continue
		}
		resp.Body.Close()
		seen = fmt.Sprintf("%v: %s", steps[0], resp.Status)
		if resp.StatusCode < 300 {
			steps = steps[1:]
		}
	}
}

// wantNoWarnings requires that the server has no warnings about the jobs that a block stored.
func (n *node) wantNoWarnings(t *testing.T, file string, b *block) {
	t.Helper()
	var jobs []struct{ Name string }
	n.get(t, "/v1/jobs", &jobs)
	for _, j := range jobs {
		var preview struct{ Warnings []struct{ Text string } }
		n.get(t, "/v1/jobs/"+url.PathEscape(j.Name)+"/preview?n=1", &preview)
		for _, w := range preview.Warnings {
			t.Errorf("%s:%d: of the job %s the server says: %s", file, b.line, j.Name, w.Text)
		}
	}
}

// get reads a JSON answer; nothing for a job that was deleted in the meantime.
func (n *node) get(t *testing.T, path string, into any) {
	t.Helper()
	req, err := http.NewRequest("GET", "http://"+n.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, user)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// run runs a block and compares what it prints.
func (n *node) run(t *testing.T, file string, b *block) {
	t.Helper()
	const before = "set -eu\ncurl() { command curl --silent --show-error --fail-with-body \"$@\"; }\n"
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", before+n.here.Replace(b.text))
	cmd.Env, cmd.Dir = append(n.environ(), "LC_ALL=C.UTF-8"), n.dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s:%d: %v\n%s\nprinted: %s\n%s", file, b.line, err, b.text, out, stderr.String())
	}
	n.wantNoWarnings(t, file, b)
	if b.output != nil && !b.output.prints(string(out)) {
		t.Errorf("%s:%d: the page says\n%s\nbut this was printed:\n%s", file, b.output.line, b.output.text, out)
	}
}
