package guide

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dkron/internal/porttest"
	"dkron/test/cluster"
)

// receiver is a server with the page's example as its configuration, and what its webhook gets.
func receiver(t *testing.T) (*node, <-chan []byte) {
	t.Helper()
	page, err := os.ReadFile(pages + "/notifications.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, ok := strings.Cut(string(page), "<!-- receiver -->\n```yaml\n")
	example, _, closed := strings.Cut(example, "```")
	if !ok || !closed {
		t.Fatal("the page has no example")
	}
	bodies := make(chan []byte, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", r.Header)
		}
		data, _ := io.ReadAll(r.Body)
		bodies <- data
	}))
	t.Cleanup(receiver.Close)
	file := filepath.Join(t.TempDir(), "dkron.yml")
	config := regexp.MustCompile(`https://hooks\.slack\.com\S*`).ReplaceAllString(example, receiver.URL)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	n := start(t, "--config="+file)
	n.untilTold(t, bodies)
	return n, bodies
}

// Whatever a job prints, the body is JSON.
func TestTheExampleOfAWebhookIsAlwaysJSON(t *testing.T) {
	t.Parallel()
	n, bodies := receiver(t)
	const evil = `"}]}, "x": ' \ </script> %s {{.}}`
	post := func(name, command string) map[string]any {
		t.Helper()
		job, err := json.Marshal(map[string]any{
			"name": name, "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"command": command, "shell": "true"},
		})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Post("http://"+n.addr+"/v1/jobs?runoncreate=true", "application/json", strings.NewReader(string(job)))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		var body map[string]any
		select {
		case data := <-bodies:
			if err := json.Unmarshal(data, &body); err != nil {
				t.Fatalf("%v in %s", err, data)
			}
		case <-time.After(within):
			t.Fatal("nothing was received")
		}
		return body
	}
	body := post("evil", "cat <<'END'\n"+evil+"\nsecond line\nEND\n")
	attachments, _ := json.Marshal(body["attachments"])
	want, _ := json.Marshal([]map[string]string{{"color": "good", "text": evil + "\nsecond line\n"}})
	if string(attachments) != string(want) || len(body) != 2 {
		t.Errorf("got %s, want %s", attachments, want)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("evil succeeded on %s", host); body["text"] != want {
		t.Errorf("got %q, want %q", body["text"], want)
	}
	if body := post("bad", "exit 3"); body["text"] != fmt.Sprintf("bad failed on %s", host) {
		t.Errorf("got %v", body)
	}
}

// untilTold waits until the node tells of what it runs: a new cluster agrees on that within a second.
func (n *node) untilTold(t *testing.T, bodies <-chan []byte) {
	t.Helper()
	const probe = `{"name": "probe", "schedule": "@manually", "executor": "shell", "executor_config": {"command": "true"}}`
	post := func(path, body string) {
		resp, err := http.Post("http://"+n.addr+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	post("/v1/jobs", probe)
	for began, told := time.Now(), false; !told; {
		if time.Since(began) > within {
			t.Fatal("nothing is told")
		}
		post("/v1/jobs/probe/run", "")
		select {
		case <-bodies:
			told = true
		case <-time.After(time.Second):
		}
	}
	for quiet := false; !quiet; { // what is told of the other runs
		select {
		case <-bodies:
		case <-time.After(time.Second):
			quiet = true
		}
	}
}

// A mistake in a template is found before there is a cluster that can't tell anybody.
func TestAServerWithABrokenTemplateDoesNotStart(t *testing.T) {
	t.Parallel()
	binary, err := cluster.Binary()
	if err != nil {
		t.Fatal(err)
	}
	out := refuses(t, binary, "webhook-endpoint: http://localhost/x\nwebhook-payload: '{{.Report'\n")
	if want := "--webhook-payload (dkron.yml:2): the template can't be read: template: webhook-payload:1: unclosed action"; !strings.Contains(out, want) {
		t.Errorf("got %s, want %s", out, want)
	}
}

// refuses runs a node with a configuration file with which it must not start, and returns what it says.
func refuses(t *testing.T, binary, config string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dkron.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "agent", "--dev", "--config=dkron.yml", "--http-addr="+local(t), "--bind-addr="+local(t))
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	out, err := cmd.CombinedOutput()
	if err == nil || ctx.Err() != nil {
		t.Fatalf("it has started: %s", out)
	}
	return string(out)
}

func local(t *testing.T) string {
	t.Helper()
	return porttest.Addr(t)
}
