package cluster

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The parts of a secret that no way of writing it down changes.
const secretHead, secretTail = "tR7!kqZ", "Wz-horse-9"

const theSecret = secretHead + `, "` + secretTail

// startWithSecrets starts a cluster whose servers have a key for secrets, and whose agent has none.
func startWithSecrets(t *testing.T) *Cluster {
	t.Helper()
	c := Start(t, Config{Servers: 3, Agents: 1, Cold: true})
	key, err := c.Run("keygen")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Servers {
		s.args = append(s.args, "--secrets-key-file="+file)
	}
	for _, n := range c.Nodes() {
		n.Start()
	}
	c.WaitReady(time.Minute)
	return c
}

// putSecret sets the secret token through each server, so that followers pass it on too.
func (c *Cluster) putSecret(value string) {
	c.t.Helper()
	for _, s := range c.Servers {
		if _, err := c.call(s, "PUT", "/v1/secrets/token", map[string]string{"value": value}, nil); err != nil {
			c.t.Fatal(err)
		}
	}
}

// onNode is a shell job that has the secret in its environment and its input.
func onNode(name, node, command string) map[string]any {
	return map[string]any{
		"name": name, "schedule": "@manually", "tags": map[string]string{"node": node}, "executor": "shell",
		"executor_config": map[string]string{
			"shell": "true", "command": command, "env": "TOKEN=${secret:token},OTHER=plain",
			"payload": base64.StdEncoding.EncodeToString([]byte("in: ${secret:token}")),
		},
	}
}

// Everything that a run can write, from the agent's journal to the page's answers, is looked through for the secret that it used.
func TestASecretIsNowhereButInTheProcessThatUsesIt(t *testing.T) {
	t.Parallel()
	c := startWithSecrets(t)
	c.putSecret(theSecret)
	var seen atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+theSecret {
			seen.Add(1)
		}
		fmt.Fprintln(w, "you sent", r.Header.Get("Authorization"))
	}))
	defer receiver.Close()

	// The value in pieces, in base64, and on both outputs; the command ends as it should only with the right value.
	check := fmt.Sprintf(`[ "$(printf %%s "$TOKEN" | sha256sum | cut -c1-64)" = %x ] && [ "$OTHER" = plain ]`, sha256.Sum256([]byte(theSecret)))
	say := `printf %s "$TOKEN" | { dd bs=1 count=5 2>/dev/null; sleep 0.5; cat; }; echo; cat; echo; echo "$TOKEN" >&2; printf 'user:%s' "$TOKEN" | base64; ` + check
	whole := t.TempDir()
	job := onNode("writes", "a1", say)
	job["processors"] = map[string]any{"files": map[string]string{"log_dir": whole, "on": "node", "forward": "true"}}
	c.Put(job)
	c.Put(onNode("server", c.Servers[1].Name, say))
	c.Put(map[string]any{
		"name": "calls", "schedule": "@manually", "tags": map[string]string{"node": "a1"}, "executor": "http",
		"executor_config": map[string]string{"url": receiver.URL, "method": "GET", "headers": `["Authorization: Bearer ${secret:token}"]`, "debug": "true"},
	})
	for _, name := range []string{"writes", "server", "calls"} {
		if e := c.runOnce(name); e.Outcome != "success" || !strings.Contains(e.Output, "***") {
			t.Errorf("%s: %s, output %q", name, e.Outcome, e.Output)
		}
	}
	if err := c.Do("PUT", "/v1/channels/hook", map[string]any{"type": "webhook", "settings": map[string]string{
		"url": receiver.URL, "headers": "Authorization: Bearer ${secret:token}"}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Do("POST", "/v1/channels/hook/test", nil, nil); err != nil {
		t.Fatal(err)
	}
	if seen.Load() != 2 {
		t.Errorf("the receiver saw the secret %d times, want 2: from a job and from a channel", seen.Load())
	}
	c.searchAll(whole)
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// runOnce runs a job and returns its execution.
func (c *Cluster) runOnce(job string) (e Execution) {
	c.t.Helper()
	Eventually(c.t, time.Minute, "a launch of "+job+" is taken", func() bool { return c.Do("POST", "/v1/jobs/"+job+"/run", nil, nil) == nil })
	c.awaitEnd(job, &e)
	return e
}

func (c *Cluster) awaitEnd(job string, e *Execution) {
	c.t.Helper()
	Eventually(c.t, time.Minute, job+" has ended", func() bool {
		list, err := c.Executions(job)
		if err != nil || len(list) == 0 || list[0].FinishedAt.IsZero() {
			return false
		}
		*e = list[0]
		return true
	})
}

// searchAll looks for the secret in all files of all nodes, in those of a directory, and in what the API answers.
func (c *Cluster) searchAll(more string) {
	c.t.Helper()
	files := 0
	search := func(where string, data []byte) {
		for _, part := range []string{secretHead, secretTail, encoded(theSecret)[:12]} {
			if i := bytes.Index(data, []byte(part)); i >= 0 {
				c.t.Errorf("%s has the secret: …%q…", where, data[max(0, i-80):min(len(data), i+40)])
			}
		}
	}
	for _, dir := range []string{c.dir, more} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil // removed meanwhile
			}
			if data, err := os.ReadFile(path); err == nil {
				files++
				search(path, data)
			}
			return nil
		})
		if err != nil {
			c.t.Error(err)
		}
	}
	if files < 20 {
		c.t.Errorf("only %d files were searched", files)
	}
	for _, path := range []string{"/v1/jobs", "/v1/export", "/v1/executions", "/v1/launches", "/v1/secrets", "/v1/secrets/token", "/v1/secret-keys", "/v1/audit", "/v1/audit?format=ndjson",
		"/v1/jobs/writes", "/v1/jobs/writes/executions", "/v1/jobs/writes/versions", "/v1/jobs/calls/executions", "/v1/jobs/writes/launches",
		"/v1/channels", "/v1/messages", "/v1/settings", "/v1/cluster", "/v1/nodes", "/v1/members", "/debug/vars", "/metrics"} {
		for _, s := range c.Servers {
			resp, err := c.http.Get("http://" + s.httpAddr() + path)
			if err != nil {
				c.t.Errorf("%s of %s: %v", path, s.Name, err)
				continue
			}
			data, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || len(data) == 0 {
				c.t.Errorf("%s of %s: %d bytes, %v", path, s.Name, len(data), err)
			}
			search(path+" of "+s.Name, data)
		}
	}
}

// The agent is killed while a run goes on. The next one asks for the secret again, and masks what comes then.
func TestASecretIsMaskedAfterAnAgentWasKilled(t *testing.T) {
	t.Parallel()
	c := startWithSecrets(t)
	c.putSecret(theSecret)
	agent, start := c.Agents[0], filepath.Join(t.TempDir(), "go")
	c.Put(onNode("long", agent.Name, `while [ ! -e `+start+` ]; do sleep 0.1; done; echo "late $TOKEN"`))
	if err := c.Do("POST", "/v1/jobs/long/run", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, time.Minute, "it runs", func() bool {
		var j struct{ Running int }
		return c.Get("/v1/jobs/long", &j) == nil && j.Running == 1
	})
	var pipe [][]byte
	Eventually(t, time.Minute, "the agent has noted how to find it", func() bool {
		data, err := os.ReadFile(filepath.Join(agent.DataDir(), "agent", "journal"))
		pipe = regexp.MustCompile(`"pipe":(\d+)`).FindSubmatch(data)
		return err == nil && pipe != nil
	})
	agent.Kill()
	agent.Start()
	Eventually(t, time.Minute, "the agent follows it again", func() bool {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", agent.Pid()))
		return slices.ContainsFunc(files, func(file string) bool {
			to, _ := os.Readlink(file)
			return to == fmt.Sprintf("pipe:[%s]", pipe[1])
		})
	})
	if err := os.WriteFile(start, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var e Execution
	c.awaitEnd("long", &e)
	if e.Outcome != "success" || e.Output != "late ***\n" {
		t.Errorf("%s, output %q", e.Outcome, e.Output)
	}
}
