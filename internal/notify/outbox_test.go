package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/mail/mailtest"
)

func newOutbox(t *testing.T, launch Launcher) *Outbox {
	t.Helper()
	return NewOutbox(must(t, Settings{}), Settings{}, options(), launch)
}

func channelOf(kind string, settings map[string]string) *dkron.Channel {
	return &dkron.Channel{Name: "c", Type: kind, Settings: settings}
}

func evilBrief() *dkron.Brief {
	b := sampleBrief()
	b.Items[0].Reason = "\"<b>&\\ 100% {{.}}\r\nX-Injected: 1"
	b.Items[0].Severity = dkron.SeverityCritical
	return b
}

// body returns the JSON of the last request.
func (r *receiver) object(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(r.last(t).body), &v); err != nil {
		t.Fatalf("%v: %s", err, r.last(t).body)
	}
	return v
}

func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

func TestWhatEachTypeSends(t *testing.T) {
	t.Setenv("TEST_KEY", "s3cret")
	r := newReceiver(t, nil)
	t.Setenv("TEST_URL", r.URL)
	o := newOutbox(t, nil)
	send := func(kind string, settings map[string]string) {
		t.Helper()
		c := channelOf(kind, settings)
		if err := o.Check(c); err != nil {
			t.Fatal(err)
		}
		if err := o.Send(t.Context(), c, evilBrief()); err != nil {
			t.Fatal(err)
		}
		if id := r.last(t).header.Get(IDHeader); id != "cluster/message/1" {
			t.Errorf("%s has the id %q", kind, id)
		}
	}
	send("webhook", map[string]string{"url": r.URL + "/hook", "headers": "Authorization: Bearer ${env:TEST_KEY}\nX-Y: z"})
	if g := r.last(t); g.header.Get("Authorization") != "Bearer s3cret" || g.header.Get("X-Y") != "z" || at(r.object(t), "items", 0, "job") != "backup" {
		t.Errorf("%+v", g)
	}
	send("webhook", map[string]string{"url": r.URL, "body": `{"x": {{ json (index .Items 0).Reason }}}`})
	if r.object(t)["x"] != evilBrief().Items[0].Reason {
		t.Error(r.last(t).body)
	}
	send("slack", map[string]string{"url": "${env:TEST_URL}"})
	if text := at(r.object(t), "blocks", 1, "text", "text").(string); !strings.Contains(text, "&lt;b&gt;&amp;") || !strings.Contains(text, "/ui/launches/backup.1") {
		t.Error(text)
	}
	send("teams", map[string]string{"url": "${env:TEST_URL}"})
	if card := at(r.object(t), "attachments", 0, "content"); at(card, "body", 0, "color") != "attention" || at(card, "actions", 0, "url") != evilBrief().Items[0].Link {
		t.Error(r.last(t).body)
	}
	send("pagerduty", map[string]string{"url": r.URL, "routing_key": "${env:TEST_KEY}"})
	if v := r.object(t); v["event_action"] != "trigger" || v["dedup_key"] != "cluster/example/backup" || v["routing_key"] != "s3cret" || at(v, "payload", "severity") != "critical" {
		t.Error(r.last(t).body)
	}
	over := evilBrief()
	over.Items[0].Event = dkron.AlertRecovered
	if err := o.Send(t.Context(), channelOf("pagerduty", map[string]string{"url": r.URL, "routing_key": "k"}), over); err != nil || r.object(t)["event_action"] != "resolve" {
		t.Errorf("%v: %s", err, r.last(t).body)
	}
	send("ntfy", map[string]string{"server": r.URL, "topic": "al erts", "token": "${env:TEST_KEY}"})
	if g := r.last(t); g.uri != "/al%20erts" || g.header.Get("Priority") != "5" || g.header.Get("Authorization") != "Bearer s3cret" || g.header.Get("X-Injected") != "" ||
		!strings.HasPrefix(g.header.Get("Title"), "=?utf-8?q?backup=20failed") || g.header.Get("Click") != evilBrief().Items[0].Link {
		t.Errorf("%+v", g)
	}
	several := evilBrief()
	several.Items = append(several.Items, several.Items[0])
	if err := o.Send(t.Context(), channelOf("ntfy", map[string]string{"server": r.URL, "topic": "a"}), several); err != nil || r.last(t).header.Get("Click") != "https://dkron.example.com/ui/notifications" {
		t.Errorf("%v %v", err, r.last(t).header)
	}
}

func TestAJobIsRunForAMessage(t *testing.T) {
	var payload string
	o := newOutbox(t, func(_ context.Context, job string, env map[string]string, text string) error {
		if payload = text; job != "tell" || env["DKRON_MESSAGE_ID"] != "cluster/message/1" {
			t.Errorf("%s %v", job, env)
		}
		return nil
	})
	b := evilBrief()
	for range 49 {
		b.Items = append(b.Items, dkron.BriefItem{Occurrence: b.Items[0].Occurrence, Lines: []string{strings.Repeat("x", 2000)}})
	}
	if err := o.Send(t.Context(), channelOf("job", map[string]string{"job": "tell"}), b); err != nil {
		t.Fatal(err)
	}
	if len(payload) > dkron.MaxPayload || !json.Valid([]byte(payload)) {
		t.Errorf("%d bytes: %s", len(payload), payload)
	}
	err := o.Send(t.Context(), channelOf("job", map[string]string{"job": "backup"}), b)
	if err == nil || !strings.Contains(err.Error(), "about the job backup itself") {
		t.Errorf("a job would run because of its own alert: %v", err)
	}
}

func TestAMessageByMail(t *testing.T) {
	e := mailtest.StartExim(t)
	t.Setenv("TEST_PASSWORD", mailtest.Password)
	c := channelOf("mail", map[string]string{
		"to": "a@open.test, b@elsewhere.test", "from": "dkron@example.com", "host": "localhost", "port": strconv.Itoa(e.Port), "ca_file": e.CAFile,
		"username": mailtest.Username, "password": "${env:TEST_PASSWORD}", "subject": "{{ .Title }}!",
	})
	o := newOutbox(t, nil)
	if err := o.Check(c); err != nil {
		t.Fatal(err)
	}
	c.Settings["host"] = "127.0.0.1"
	if err := o.Send(t.Context(), c, evilBrief()); err != nil {
		t.Fatal(err, e.Log())
	}
	m := e.Delivered(t, 2)[0]
	if m.Header.Get("Subject") != "backup failed (2 times)!" || m.Header.Get("Message-Id") == "" || !strings.Contains(text(t, m), "| a \"line\"") {
		t.Errorf("%v\n%s", m.Header, m.Text)
	}
}

func TestWhoHasAMessageByMailDoesNotGetItAgain(t *testing.T) {
	e := mailtest.StartExim(t)
	c := channelOf("mail", map[string]string{
		"to": "refused@open.test, ops@open.test, later@open.test", "from": "dkron@example.com", "host": "127.0.0.1", "port": strconv.Itoa(e.Port), "ca_file": e.CAFile,
	})
	o := newOutbox(t, nil)
	if err := o.Send(t.Context(), c, evilBrief()); err == nil || !strings.Contains(err.Error(), "greylisted") {
		t.Fatal(err)
	}
	e.Relent(t)
	err := o.Send(t.Context(), c, evilBrief())
	var p interface{ Partly() bool }
	if !errors.As(err, &p) || !strings.Contains(err.Error(), "<refused@open.test> refused: 550 no such mailbox") {
		t.Errorf("it can't be seen who did not get it: %v", err)
	}
	if all := e.Delivered(t, 2); all[0].To == all[1].To {
		t.Errorf("%v", all)
	}
}

// Fifty events may take longer than an attempt has.
func TestAnAttemptGoesOnWhereTheOneBeforeEnded(t *testing.T) {
	got, limit := make(map[string]int), 30
	var r *receiver
	r = newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		if len(got) >= limit {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		got[r.object(t)["dedup_key"].(string)]++
	})
	o := newOutbox(t, nil)
	b := evilBrief()
	for i := range 49 {
		it := b.Items[0]
		it.Job = "job" + strconv.Itoa(i)
		b.Items = append(b.Items, it)
	}
	c := channelOf("pagerduty", map[string]string{"url": r.URL, "routing_key": "k"})
	if err := o.Send(t.Context(), c, b); err == nil || len(got) != limit {
		t.Fatal(err, len(got))
	}
	limit = 50
	if err := o.Send(t.Context(), c, b); err != nil || len(got) != 50 {
		t.Error(err, len(got))
	}
	for key, n := range got {
		if n != 1 {
			t.Errorf("%s was sent %d times", key, n)
		}
	}
}

func TestBadChannelsAreRefusedByField(t *testing.T) {
	o := newOutbox(t, nil)
	for _, c := range []struct {
		kind     string
		settings map[string]string
		want     string
	}{
		{"pager", nil, `type "pager" is unknown; there are job, mail, ntfy, pagerduty, slack, teams, webhook`},
		{"slack", nil, "settings.url is missing"},
		{"slack", map[string]string{"ulr": "x"}, "settings.ulr is unknown for the type slack; did you mean url?"},
		{"webhook", map[string]string{"url": "hooks.slack.com"}, "settings.url is not an address"},
		{"slack", map[string]string{"url": "https://hooks.slack.com/services/x"}, "settings.url holds a secret: refer to one"},
		{"webhook", map[string]string{"url": "https://x.test", "headers": "X: y\nAuthorization: Bearer abc"}, "settings.headers: line 2 (authorization) holds a secret"},
		{"webhook", map[string]string{"url": "https://x.test", "headers": "Bearer"}, "settings.headers: line 1 is not a header"},
		{"slack", map[string]string{"url": "${vault:x}"}, "settings.url refers to \"${vault:x}\"; a reference is ${secret:NAME}, ${env:NAME} or ${file:/PATH}"},
		{"slack", map[string]string{"url": "${file:x}"}, "which names nothing"},
		{"slack", map[string]string{"url": "${secret:a b}"}, "which names nothing"},
		{"webhook", map[string]string{"url": "https://x.test", "headers": "Private-Token: abc"}, "settings.headers: line 1 (private-token) holds a secret"},
		{"webhook", map[string]string{"url": "https://me:abc@x.test"}, "settings.url holds a password: refer to one"},
		{"mail", map[string]string{"to": "a@x.test", "port": "smtp"}, "settings.port must be a port, from 1 to 65535; write one such as 587"},
		{"mail", map[string]string{"to": "a@x.test, ops"}, `settings.to: "ops" is not an address; write one such as ops@example.com`},
		{"mail", map[string]string{"to": "a@x.test", "from": "a@x.test, b@x.test"}, "settings.from has 2 addresses; write one"},
		{"pagerduty", map[string]string{"routing_key": "abc"}, "settings.routing_key holds a secret: refer to one"},
		{"webhook", map[string]string{"url": "https://x.test", "body": "{{ .Jobs }}"}, "settings.body: the template fails"},
		{"webhook", map[string]string{"url": "https://x.test", "body": "{{ .Title"}, "settings.body: the template fails"},
	} {
		err := o.Check(channelOf(c.kind, c.settings))
		if !errors.Is(err, dkron.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.settings, err, c.want)
		}
	}
}

func TestATemplateEndsByItself(t *testing.T) {
	o := newOutbox(t, nil)
	for _, body := range []string{
		"{{ range 1000000000000 }}{{ end }}",
		"{{ if .Title }}{{ with .Items }}{{ range . }}{{ $n := 1000000000000 }}{{ range $n }}{{ if false }}{{ end }}{{ end }}{{ end }}{{ end }}{{ end }}",
		`{{ define "a" }}{{ template "b" }}{{ template "b" }}{{ end }}{{ define "b" }}{{ range 1000000 }}{{ range 1000000 }}{{ end }}{{ end }}{{ end }}{{ template "a" }}`,
	} {
		err := o.Check(channelOf("webhook", map[string]string{"url": "https://x.test", "body": body}))
		if !errors.Is(err, dkron.ErrInvalid) || !strings.Contains(err.Error(), "settings.body: the template fails: body: its loops take more than 10000 turns") {
			t.Errorf("%s: %v", body, err)
		}
	}
	fine := "{{ range .Items }}{{ range $i, $l := .Lines }}{{ $i }}: {{ $l }}{{ else }}-{{ end }}{{ end }}"
	if text, err := fill("body", fine, sampleBrief()); err != nil || text != `0: a "line"` {
		t.Errorf("%q, %v", text, err)
	}
}

func TestSecretsAreReadWhereTheyAreAndNotShown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("t0p\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newReceiver(t, func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("bad key " + req.Header.Get("X-Key")))
	})
	o := newOutbox(t, nil)
	c := channelOf("webhook", map[string]string{"url": r.URL, "headers": "X-Key: ${file:" + file + "}"})
	err := o.Send(t.Context(), c, evilBrief())
	if err == nil || strings.Contains(err.Error(), "t0p") || !strings.Contains(err.Error(), "[redacted]") || r.last(t).header.Get("X-Key") != "t0p" {
		t.Errorf("%v %v", err, r.last(t).header)
	}
	var p interface{ Permanent() bool }
	if !errors.As(err, &p) || !p.Permanent() {
		t.Errorf("400 is not final: %v", err)
	}
	c.Settings["headers"] = "X-Key: ${env:NOT_THERE_AT_ALL}"
	if err := o.Send(t.Context(), c, evilBrief()); err == nil || !strings.Contains(err.Error(), "no environment variable NOT_THERE_AT_ALL") {
		t.Error(err)
	}
}

func TestAChannelRefersToStoredSecrets(t *testing.T) {
	r := newReceiver(t, func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("bad key " + url.QueryEscape(req.Header.Get("X-Key")) + req.Header.Get("X-Text")))
	})
	with := options()
	with.Secret = func(name string) (string, error) {
		if name != "key" {
			return "", errors.New("secret " + name + " does not exist")
		}
		return "the key/1", nil
	}
	o := NewOutbox(must(t, Settings{}), Settings{}, with, nil)
	c := channelOf("webhook", map[string]string{"url": r.URL, "headers": "X-Key: ${secret:key}\nX-Text: $${secret:key}"})
	if err := o.Check(c); err != nil {
		t.Fatal(err)
	}
	err := o.Send(t.Context(), c, evilBrief())
	if h := r.last(t).header; h.Get("X-Key") != "the key/1" || h.Get("X-Text") != "${secret:key}" {
		t.Errorf("it was sent %v", h)
	}
	if err == nil || !strings.Contains(err.Error(), "bad key ***${secret:key}") {
		t.Errorf("what the receiver repeats: %v", err)
	}
	c.Settings["headers"] = "X-Key: ${secret:none}"
	if err := o.Send(t.Context(), c, evilBrief()); err == nil || err.Error() != "settings.headers: secret none does not exist" {
		t.Error(err)
	}
}

func TestAReceiverThatHangsIsLeft(t *testing.T) {
	r := newReceiver(t, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := newOutbox(t, nil).Send(ctx, channelOf("slack", map[string]string{"url": r.URL}), evilBrief()); err == nil || !strings.Contains(err.Error(), "has not answered in time") {
		t.Error(err)
	}
}
