package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// A day of somebody on call, with the commands alone.
func TestChannelsRulesSilencesAlertsAndMessagesByCommands(t *testing.T) {
	var got atomic.Int64
	var broken atomic.Bool
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got.Add(1)
		if broken.Load() {
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer receiver.Close()
	n := start(t, "s1", nil, "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	eventually(t, "a leader", n.ready)
	do := func(want int, says string, args ...string) string {
		t.Helper()
		code, out, err := dkron(append(args, "--rpc-addr="+n.rpc)...)
		if code != want || !strings.Contains(out+err, says) {
			t.Errorf("dkron %s: exit %d, stdout %q, stderr %q; want %d and %q", strings.Join(args, " "), code, out, err, want, says)
		}
		return out
	}
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "--file=" + path
	}
	do(1, "--file is required", "channel", "apply")
	do(1, "channel 2 has no name", "channel", "apply", file("c.json", `[{"name":"a"},{"type":"webhook"}]`))
	do(1, `channel team: type`, "channel", "apply", file("c.json", `{"name":"team","type":"webhok"}`))
	do(0, "Channel team applied", "channel", "apply", file("c.json", `{"name":"team","type":"webhook","settings":{"url":"`+receiver.URL+`"}}`))
	do(0, "Message sent through channel team", "channel", "test", "team")
	if got.Load() != 1 {
		t.Errorf("the receiver got %d messages", got.Load())
	}
	do(0, "team  webhook", "channel", "list")
	all := do(0, `"type": "webhook"`, "channel", "list", "--output=json")
	do(0, "Channel team applied", "channel", "apply", file("c.json", all)) // what was listed can be applied
	do(1, "use table or json", "channel", "list", "--output=yaml")
	do(1, `no channel is called "none"; GET /v1/channels lists them`, "channel", "show", "none")
	do(1, "takes one argument: NAME", "channel", "show")

	do(0, "Rule all applied", "rule", "apply", file("r.json", `{"name":"all","on":["failed","recovered"],"channels":["team"],"match":{"jobs":["bad"]}}`))
	do(0, "all   failed,recovered  bad   team", "rule", "list")
	do(1, "is used by the rules all", "channel", "delete", "team")
	broken.Store(true)
	create := `{"name":"bad","schedule":"@manually","executor":"shell","executor_config":{"command":"false"},"objectives":{"max_lateness":"1h","max_silence":"1s"}}`
	for _, r := range [][2]string{{"/v1/jobs", create}, {"/v1/jobs/bad/run", ""}} {
		answer, err := http.Post("http://"+n.http+r[0], "application/json", strings.NewReader(r[1]))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode > 299 {
			t.Fatal(r[0], answer.Status)
		}
	}
	eventually(t, "an alert", func() bool {
		_, out, _ := dkron("alert", "list", "--rpc-addr="+n.rpc)
		return strings.Contains(out, "bad")
	})
	do(0, "Alert 1 acknowledged", "alert", "ack", "1", "--note=mine")
	if out := do(0, "bad", "alert", "list", "--output=json"); !strings.Contains(out, `"note": "mine"`) {
		t.Error(out)
	}
	do(1, `"x" is not the number of an alert`, "alert", "ack", "x")

	eventually(t, "a second message", func() bool {
		_, out, _ := dkron("message", "list", "--rpc-addr="+n.rpc, "--output=json", "--state=waiting")
		var list []struct{ Attempts int }
		return json.Unmarshal([]byte(out), &list) == nil && len(list) == 1 && list[0].Attempts > 0
	})
	do(0, `"channel": "team"`, "message", "show", "2")
	do(0, "410", "message", "list", "--channel=team", "--limit=1")
	broken.Store(false)
	do(0, "Message 2 will be sent again", "message", "resend", "2")

	eventually(t, "a broken objective", func() bool {
		_, out, _ := dkron("objective", "list", "--job=bad", "--state=broken", "--rpc-addr="+n.rpc)
		return strings.Contains(out, "it has never succeeded")
	})
	do(0, "Breaks at", "objective", "list", "--state=met")
	do(1, "state must be one of broken, at_risk, met, unknown", "objective", "list", "--state=fine")

	do(1, "reason is missing", "silence", "add", "--job=bad", "--duration=1h")
	if out := do(0, "Silence 1 holds until", "silence", "add", "--job=bad", "--job=b*", "--duration=1h", "--reason=repair"); out != "1\n" {
		t.Errorf("stdout %q, want the number alone", out)
	}
	do(0, "bad,b*", "silence", "list")
	do(0, "Silence 1 ended", "silence", "end", "1")
	do(0, "Rule all deleted", "rule", "delete", "all")
	do(0, "Channel team deleted", "channel", "delete", "team")
}
