package slackoutput

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/plugin"
)

// world is a processor with its file, and a webhook.
type world struct {
	*Processor
	log strings.Builder

	mu       sync.Mutex // guards what follows
	answer   http.HandlerFunc
	received []message
}

const path = "/services/T0/B0/s3cret"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := new(world)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		var m message
		if json.Unmarshal(body, &m) != nil || r.URL.Path != path || r.Method != http.MethodPost {
			http.Error(out, "invalid_payload", http.StatusBadRequest)
			return
		}
		w.received = append(w.received, m)
		if w.answer != nil {
			w.answer(out, r)
			return
		}
		fmt.Fprint(out, "ok")
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	text := fmt.Sprintf("ops:\n  webhook_url: %s%s\n  bot_name: dkron\nbad: {webhook_url: s3cret}\n", server.URL, path)
	if err := os.WriteFile(filepath.Join(dir, "dkron-processor-slack.yml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Processor = New([]string{dir}, nil, slog.New(slog.NewTextHandler(&w.log, nil)))
	return w
}

// answers makes the webhook answer so.
func (w *world) answers(answer http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

func (w *world) calls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.received)
}

func result(config map[string]string) *plugin.ProcessRequest {
	at := time.Date(2026, 11, 23, 7, 23, 14, 0, time.UTC)
	return &plugin.ProcessRequest{
		JobName: "back<up>", NodeName: "node1", ReportingNode: "leader", ExecutionID: "1-node1", Attempt: 2, Config: config,
		StartedAt: at, FinishedAt: at.Add(time.Second), Outcome: "failed", Error: "exit status 3", Output: []byte("a & b <!channel>\n```\n"),
	}
}

func TestAFailureIsPostedWithItsEndAndWithoutMarkup(t *testing.T) {
	w := newWorld(t)
	resp, err := w.Process(t.Context(), result(map[string]string{"team": "ops", "channel": "#alerts"}))
	if err != nil || resp.Output != nil {
		t.Fatalf("%v, %v", resp, err)
	}
	m := w.received[0]
	text, err := json.Marshal(m)
	const want = `{"username":"dkron","channel":"#alerts","attachments":[{"fallback":"Failed back&lt;up&gt; on node1","color":"danger","title":"Failed back&lt;up&gt;",` +
		`"fields":[{"title":"Job","value":"back&lt;up&gt;","short":true},{"title":"Node","value":"node1","short":true},{"title":"Outcome","value":"failed","short":true},` +
		`{"title":"Attempt","value":"2","short":true},{"title":"Started","value":"2026-11-23 07:23:14 UTC","short":true},{"title":"Finished","value":"2026-11-23 07:23:15 UTC","short":true},` +
		`{"title":"Error","value":"exit status 3","short":false}],"text":"` + "```a &amp; b &lt;!channel&gt;\\n'''```" + `","mrkdwn_in":["text"],"ts":1795418595}]}`
	if got := strings.NewReplacer(`\u0026`, "&").Replace(string(text)); err != nil || got != want {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
	good := result(map[string]string{"team": "ops"})
	good.Success, good.Outcome, good.Error = true, "success", ""
	if _, err := w.Process(t.Context(), good); err != nil || w.calls() != 1 {
		t.Errorf("%v, %d calls", err, w.calls())
	}
	good.Config["onSuccess"], good.Config["forward"] = "true", "false"
	good.Output = []byte(strings.Repeat("line\n", 30) + strings.Repeat("y", 2000))
	if resp, err = w.Process(t.Context(), good); err != nil || w.calls() != 2 || string(resp.Output) != "Outcome posted to ops" {
		t.Errorf("%v, %v, %d calls", resp, err, w.calls())
	}
	if a := w.received[1].Attachments[0]; a.Color != "good" || !strings.HasPrefix(a.Text, "```…\nline\n") || strings.Count(a.Text, "line") != 19 {
		t.Errorf("%+v", a)
	}
}

func TestWhatAWebhookAnswersDecidesAboutAnotherTry(t *testing.T) {
	for name, c := range map[string]struct {
		status        int
		body          string
		want          string
		undeliverable bool
	}{
		"a wrong channel": {404, "channel_not_found", "the webhook of ops answered 404 Not Found: channel_not_found", true},
		"a long text":     {400, strings.Repeat("x", 100_000), "…", true},
		"broken":          {500, "rollup_error", "answered 500 Internal Server Error: rollup_error", false},
		"moved":           {302, "", "answered 302 Found", false},
		"late":            {408, "", "answered 408", false},
	} {
		w := newWorld(t)
		w.answers(func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Location", "/other")
			out.WriteHeader(c.status)
			fmt.Fprint(out, c.body)
		})
		_, err := w.Process(t.Context(), result(map[string]string{"team": "ops"}))
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, plugin.ErrUndeliverable) != c.undeliverable || len(err.Error()) > 400 || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
		if w.calls() != 1 {
			t.Errorf("%s: %d calls", name, w.calls())
		}
	}
}

func TestAWebhookThatAsksToWaitIsLeftAloneForSoLong(t *testing.T) {
	w := newWorld(t)
	w.answers(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Retry-After", "2")
		out.WriteHeader(http.StatusTooManyRequests)
	})
	config := map[string]string{"team": "ops"}
	if _, err := w.Process(t.Context(), result(config)); err == nil || !strings.Contains(err.Error(), "not before 2 s have passed") || errors.Is(err, plugin.ErrUndeliverable) {
		t.Error(err)
	}
	w.answers(nil)
	if _, err := w.Process(t.Context(), result(config)); err == nil || !strings.Contains(err.Error(), "takes no messages for another") || w.calls() != 1 {
		t.Errorf("%v, %d calls", err, w.calls())
	}
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if _, err := w.Process(t.Context(), result(config)); err == nil {
			break
		} else if time.Since(began) > 20*time.Second {
			t.Fatal(err)
		}
	}
	if w.calls() != 2 {
		t.Errorf("%d calls", w.calls())
	}
}

func TestWebhooksThatMisbehaveEndInTimeAndShowNoSecret(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"hangs": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"hangs in the body": func(out http.ResponseWriter, r *http.Request) {
			out.WriteHeader(200)
			_ = http.NewResponseController(out).Flush()
			<-r.Context().Done()
		},
		"resets": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		w := newWorld(t)
		w.answers(answer)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := w.Process(ctx, result(map[string]string{"team": "ops"}))
		cancel()
		if err == nil || strings.Contains(err.Error(), "s3cret") || errors.Is(err, plugin.ErrUndeliverable) || !strings.Contains(err.Error(), "the webhook of ops at 127.0.0.1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t)
	w.answers(func(out http.ResponseWriter, _ *http.Request) { // an answer without an end
		block := make([]byte, 1<<20)
		for range 100 {
			if _, err := out.Write(block); err != nil {
				return
			}
		}
	})
	if _, err := w.Process(t.Context(), result(map[string]string{"team": "ops"})); err != nil {
		t.Error(err)
	}
	if _, err := w.Process(t.Context(), result(map[string]string{"team": "bad"})); err == nil || !strings.Contains(err.Error(), "webhook_url is not an address") || strings.Contains(err.Error()+w.log.String(), "s3cret") {
		t.Error(err, w.log.String())
	}
}

func TestConfigurationsAreJudged(t *testing.T) {
	p := newWorld(t)
	for _, c := range []struct {
		config map[string]string
		want   string
	}{
		{map[string]string{"team": "ops"}, ""},
		{nil, "team is empty, so nothing is posted; write the name of an entry of dkron-processor-slack.yml"},
		{map[string]string{"team": "ops", "onSuccess": "1x"}, `onSuccess "1x" is not a boolean, using false; write "true" or "false"`},
	} {
		var got []string
		for _, problem := range p.Check(c.config) {
			got = append(got, problem.Key+" "+problem.Text)
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%v: %q", c.config, got)
		}
	}
}
