package notify

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron"
)

// got is a request that a receiver has got.
type got struct {
	method, uri, host, body string
	header                  http.Header
}

// receiver keeps what it gets, and answers as told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex // guards what follows
	all    []got
	opened int // connections
	next   http.HandlerFunc
}

func newReceiver(t *testing.T, next http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{next: next}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		data, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.all = append(r.all, got{req.Method, req.RequestURI, req.Host, string(data), req.Header.Clone()})
		r.mu.Unlock()
		if r.next != nil {
			r.next(w, req)
		}
	}))
	r.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if s == http.StateNew {
			r.opened++
		}
	}
	r.Start()
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) last(t *testing.T) got {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) == 0 {
		t.Fatal("nothing was received")
	}
	return r.all[len(r.all)-1]
}

func options() Options {
	return Options{Cluster: func() string { return "c1" }, Logger: slog.New(slog.DiscardHandler)}
}

// must returns the channels of settings with which nothing is wrong.
func must(t *testing.T, s Settings) *Notifier {
	t.Helper()
	n, refused, doubtful := New(s, options())
	if len(refused)+len(doubtful) > 0 {
		t.Fatalf("refused %v, doubtful %v", refused, doubtful)
	}
	t.Cleanup(n.Close)
	return n
}

var began = time.Date(2026, 11, 23, 7, 23, 14, 314814442, time.UTC)

func execution(attempt uint64, outcome dkron.Outcome) *dkron.Execution {
	e := &dkron.Execution{
		JobName: "backup", NodeName: "node1", Group: 1700000000000000000, Attempt: attempt, StartedAt: began.Add(time.Duration(attempt-1) * time.Second),
		Outcome: outcome,
	}
	if outcome != "" {
		e.FinishedAt = e.StartedAt.Add(500 * time.Millisecond)
		e.Output = []byte("line \"one\"\nline two\n")
	}
	return e
}

func ended(outcome dkron.Outcome, before ...*dkron.Execution) *dkron.Notice {
	e := execution(uint64(len(before)+1), outcome)
	return &dkron.Notice{
		ID: dkron.NoticeID(dkron.DeliverEnd, e), Kind: dkron.DeliverEnd, To: "ops@example.com", Reporting: "leader1", Execution: e, Launch: append(before, e),
	}
}

func begun() *dkron.Notice {
	e := execution(1, "")
	return &dkron.Notice{ID: dkron.NoticeID(dkron.DeliverStart, e), Kind: dkron.DeliverStart, Reporting: "leader1", Execution: e}
}

func TestReportHasTheLayoutOfV4(t *testing.T) {
	r := newReceiver(t, nil)
	n := must(t, Settings{WebhookEndpoint: r.URL, WebhookPayload: "{{.Report}}", PreWebhookEndpoint: r.URL, PreWebhookPayload: "{{.Report}}|{{.Output}}|"})
	if err := n.Notify(t.Context(), dkron.ChannelWebhook, ended(dkron.Success, execution(1, dkron.Failed))); err != nil {
		t.Fatal(err)
	}
	want := `Executed: backup
Reporting node: leader1
Start time: 2026-11-23 07:23:15.314814442 +0000 UTC
End time: 2026-11-23 07:23:15.814814442 +0000 UTC
Success: true
Node: node1
Output: line "one"
line two

Execution group: 1700000000000000000
	[Node]: node1 [Start]: 2026-11-23 07:23:14.314814442 +0000 UTC [End]: 2026-11-23 07:23:14.814814442 +0000 UTC [Success]: false
	[Node]: node1 [Start]: 2026-11-23 07:23:15.314814442 +0000 UTC [End]: 2026-11-23 07:23:15.814814442 +0000 UTC [Success]: true
`
	if is := r.last(t).body; is != want {
		t.Errorf("got\n%s\nwant\n%s", is, want)
	}
	if err := n.Notify(t.Context(), dkron.ChannelPreWebhook, begun()); err != nil {
		t.Fatal(err)
	}
	want = `Executed: backup
Reporting node: leader1
Start time: 2026-11-23 07:23:14.314814442 +0000 UTC
End time: 0001-01-01 00:00:00 +0000 UTC
Success: false
Node: node1
Output: 
Execution group: 1700000000000000000
||`
	if is := r.last(t).body; is != want {
		t.Errorf("got\n%s\nwant\n%s", is, want)
	}
}

func TestTemplatesHaveTheFieldsOfV4(t *testing.T) {
	r := newReceiver(t, nil)
	const all = `{{.JobName}} {{.ReportingNode}} {{.StartTime}} {{.StartTime.Unix}} {{.FinishedAt}} {{.Success}} {{if eq .Success "true"}}good{{end}} {{.NodeName}} {{.Output | printf "%q"}}`
	n := must(t, Settings{WebhookEndpoint: r.URL, WebhookPayload: all})
	if err := n.Notify(t.Context(), dkron.ChannelWebhook, ended(dkron.Success)); err != nil {
		t.Fatal(err)
	}
	want := `backup leader1 2026-11-23 07:23:14.314814442 +0000 UTC 1795418594 2026-11-23 07:23:14.814814442 +0000 UTC true good node1 "line \"one\"\nline two\n"`
	if is := r.last(t).body; is != want {
		t.Errorf("got\n%s\nwant\n%s", is, want)
	}
}

func TestJSONOfTemplatesIsSafe(t *testing.T) {
	r := newReceiver(t, nil)
	n := must(t, Settings{WebhookEndpoint: r.URL, WebhookPayload: `{"text": {{json .Output}}, "at": {{json .StartTime}}}`})
	notice := ended(dkron.Failed)
	evil := "\"}, \"x\": \"\\ \x00\x01\xff</script>'\u2028\n"
	notice.Execution.Output = []byte(evil)
	if err := n.Notify(t.Context(), dkron.ChannelWebhook, notice); err != nil {
		t.Fatal(err)
	}
	var body map[string]string
	if err := json.Unmarshal([]byte(r.last(t).body), &body); err != nil {
		t.Fatalf("%v in %s", err, r.last(t).body)
	}
	if want := strings.ToValidUTF8(evil, "\ufffd"); body["text"] != want || len(body) != 2 {
		t.Errorf("got %q, want %q", body["text"], want)
	}
}

func TestRequestIsThatOfV4(t *testing.T) {
	r := newReceiver(t, nil)
	n := must(t, Settings{WebhookEndpoint: r.URL + "/hook?x=1", WebhookPayload: "hi", WebhookHeaders: []string{
		"X-Long: a:b:c", "hOST: hooks.example.com", "Content-Type:application/x-www-form-urlencoded", "X-Twice: 1", "x-twice: 2",
	}})
	notice := ended(dkron.Success)
	if err := n.Notify(t.Context(), dkron.ChannelWebhook, notice); err != nil {
		t.Fatal(err)
	}
	is := r.last(t)
	if is.method != "POST" || is.uri != "/hook?x=1" || is.host != "hooks.example.com" || is.body != "hi" {
		t.Errorf("got %+v", is)
	}
	h := is.header
	if h.Get("X-Long") != "a:b:c" || h.Get("Content-Type") != "application/x-www-form-urlencoded" || strings.Join(h["X-Twice"], ",") != "1,2" ||
		h.Get("User-Agent") != "Go-http-client/1.1" {
		t.Errorf("headers %v", h)
	}
	if id := h.Get(IDHeader); id != "c1/backup/1700000000000000000-node1/end" {
		t.Errorf("id %q", id)
	}
	n = must(t, Settings{WebhookEndpoint: r.URL, WebhookPayload: "hi"})
	if err := n.Notify(t.Context(), dkron.ChannelWebhook, notice); err != nil {
		t.Fatal(err)
	}
	if h := r.last(t).header; h["Content-Type"] != nil || h.Get(IDHeader) != "c1/backup/1700000000000000000-node1/end" {
		t.Errorf("headers %v", h)
	}
}

func TestCronitorIsThatOfV4(t *testing.T) {
	r := newReceiver(t, nil)
	n := must(t, Settings{CronitorEndpoint: r.URL + "/p/key/"})
	for _, c := range []struct {
		notice *dkron.Notice
		want   string
	}{
		{begun(), "message=Job+run+by+Dkron&series=1700000000000000000-node1&state=run"},
		{ended(dkron.Success), "message=Job+complete+by+Dkron&series=1700000000000000000-node1&state=complete"},
		{ended(dkron.Lost), "message=Job+complete+by+Dkron&series=1700000000000000000-node1&state=fail"},
	} {
		if err := n.Notify(t.Context(), dkron.ChannelCronitor, c.notice); err != nil {
			t.Fatal(err)
		}
		if is := r.last(t); is.method != "GET" || is.uri != "/p/key/backup?host=node1&"+c.want {
			t.Errorf("got %s %s, want %s", is.method, is.uri, c.want)
		}
	}
	strange := begun()
	strange.Execution.JobName = "a/b?c#d é"
	if err := n.Notify(t.Context(), dkron.ChannelCronitor, strange); err != nil {
		t.Fatal(err)
	}
	if is := r.last(t); !strings.HasPrefix(is.uri, "/p/key/a%2Fb%3Fc%23d%20%C3%A9?") {
		t.Errorf("got %s", is.uri)
	}
}

func TestConnectionsAreClosedOrUsedAgain(t *testing.T) {
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 1000)) })
	n := must(t, Settings{CronitorEndpoint: r.URL})
	for range 30 {
		if err := n.Notify(t.Context(), dkron.ChannelCronitor, begun()); err != nil {
			t.Fatal(err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opened != 1 {
		t.Errorf("%d connections were opened for 30 calls in a row", r.opened)
	}
}

// endless answers with 100 MB.
func endless(w http.ResponseWriter, _ *http.Request) {
	part := []byte(strings.Repeat("x", 1<<20))
	for range 100 {
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}

func status(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); io.WriteString(w, text) }
}

func TestReceiversFailInAllWays(t *testing.T) {
	for name, c := range map[string]struct {
		does  http.HandlerFunc
		want  string // part of the error; empty: none
		final bool
	}{
		"hangs":  {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "has not answered in time", false},
		"500":    {status(500, "no\n\nroom"), "answered 500 Internal Server Error: no room", false},
		"429":    {status(429, ""), "answered 429 Too Many Requests", false},
		"401":    {status(401, ""), "answered 401", false},
		"400":    {status(400, "bad json"), "answered 400 Bad Request: bad json", true},
		"404":    {status(404, ""), "answered 404", true},
		"410":    {status(410, ""), "answered 410", true},
		"resets": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "can't be reached", false},
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
		}, "stopped after 10 redirects", false},
		"100 MB":        {endless, "", false},
		"100 MB of 500": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500); endless(w, r) }, "answered 500", false},
		"hangs in body": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(204)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "", false},
		"an empty reply": {nil, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, c.does)
			n := must(t, Settings{WebhookEndpoint: r.URL + "/secret", WebhookPayload: "hi"})
			ctx, cancel := t.Context(), func() {}
			if name == "hangs" {
				ctx, cancel = context.WithTimeout(ctx, 500*time.Millisecond)
			}
			defer cancel()
			err := n.Notify(ctx, dkron.ChannelWebhook, ended(dkron.Success))
			r.CloseClientConnections()
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 400 {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error has the address: %v", err)
			}
			var p interface{ Permanent() bool }
			if is := errors.As(err, &p) && p.Permanent(); is != c.final {
				t.Errorf("final is %t", is)
			}
		})
	}
}

func TestSettingsAreJudgedAtTheStart(t *testing.T) {
	const at = "https://hooks.example.com/x"
	for name, c := range map[string]struct {
		s         Settings
		refused   string
		doubtful  string
		channels  string
		forbidden string
	}{
		"nothing":            {},
		"template":           {s: Settings{WebhookEndpoint: at, WebhookPayload: "{{.Report"}, refused: "webhook-payload: the template can't be read: template: webhook-payload:1: unclosed action"},
		"unknown field":      {s: Settings{PreWebhookEndpoint: at, PreWebhookPayload: "{{.Jobname}}"}, refused: "pre-webhook-payload: pre-webhook-payload:1:2: executing"},
		"field in a branch":  {s: Settings{WebhookEndpoint: at, WebhookPayload: `{{if eq .Success "true"}}{{.Nope}}{{end}}`}, refused: "there are .Report .JobName"},
		"unknown function":   {s: Settings{MailHost: "mx", MailPort: 25, MailFrom: "a@b.c", MailPayload: "{{upper .JobName}}"}, refused: `mail-payload: the template can't be read`, channels: "mail"},
		"fails on a sample":  {s: Settings{WebhookEndpoint: at, WebhookPayload: "{{slice .Output 0 1000}}"}, doubtful: "webhook-payload: the template fails with an execution made up for a try", channels: "webhook"},
		"header":             {s: Settings{WebhookEndpoint: at, WebhookPayload: "x", WebhookHeaders: []string{"A: b", "token-in-clear"}}, refused: "webhook-headers: number 2 has no colon; write Name: value", channels: "webhook", forbidden: "token-in-clear"},
		"header name":        {s: Settings{WebhookEndpoint: at, WebhookPayload: "x", WebhookHeaders: []string{"A b: c"}}, refused: `has the name "A b"`, channels: "webhook"},
		"header value":       {s: Settings{WebhookEndpoint: at, WebhookPayload: "x", WebhookHeaders: []string{"A: c\r\nB: d"}}, refused: "line break", channels: "webhook"},
		"endpoint":           {s: Settings{WebhookEndpoint: "hooks.example.com", WebhookPayload: "x"}, refused: "webhook-endpoint: is not an address"},
		"cronitor":           {s: Settings{CronitorEndpoint: "ftp://x/secret"}, refused: "cronitor-endpoint: is not an address", forbidden: "secret"},
		"no payload":         {s: Settings{WebhookEndpoint: at}, doubtful: "webhook-endpoint: without webhook-payload nothing is sent"},
		"no endpoint":        {s: Settings{PreWebhookPayload: "x"}, doubtful: "pre-webhook-endpoint: is not set, so nothing is sent"},
		"mail without port":  {s: Settings{MailHost: "mx"}, doubtful: "mail-host: without mail-port no mail is sent"},
		"mail without host":  {s: Settings{MailPort: 25}, doubtful: "mail-port: without mail-host no mail is sent"},
		"mail without from":  {s: Settings{MailHost: "mx", MailPort: 25}, doubtful: `mail-from: is "", which is not an address`, channels: "mail"},
		"all that there is":  {s: Settings{MailHost: "mx", MailPort: 25, MailFrom: "a@b.c", WebhookEndpoint: at, WebhookPayload: "x", PreWebhookEndpoint: at, PreWebhookPayload: "x", CronitorEndpoint: at}, channels: "cronitor mail pre-webhook webhook"},
		"a mail with a body": {s: Settings{MailHost: "mx", MailPort: 25, MailFrom: "a@b.c", MailPayload: "{{.Report}}"}, channels: "mail"},
	} {
		t.Run(name, func(t *testing.T) {
			n, refused, doubtful := New(c.s, options())
			check := func(kind string, is []Problem, want string) {
				var texts []string
				for _, p := range is {
					texts = append(texts, p.Setting+": "+p.Text)
				}
				text := strings.Join(texts, "\n")
				if (want == "") != (text == "") || !strings.Contains(text, want) {
					t.Errorf("%s: got %q, want %q", kind, text, want)
				}
				if c.forbidden != "" && strings.Contains(text, c.forbidden) {
					t.Errorf("a secret in %q", text)
				}
			}
			check("refused", refused, c.refused)
			check("doubtful", doubtful, c.doubtful)
			if is := strings.Join(n.Channels(), " "); is != c.channels {
				t.Errorf("channels %q, want %q", is, c.channels)
			}
		})
	}
}

func TestTemplateThatFailsIsAnErrorAndNoBody(t *testing.T) {
	r := newReceiver(t, nil)
	n, refused, _ := New(Settings{WebhookEndpoint: r.URL, WebhookPayload: "{{slice .Output 0 1000}}"}, options())
	if len(refused) > 0 {
		t.Fatal(refused)
	}
	err := n.Notify(t.Context(), dkron.ChannelWebhook, ended(dkron.Success))
	var p interface{ Permanent() bool }
	if !errors.As(err, &p) || !p.Permanent() || !strings.Contains(err.Error(), "webhook-payload") {
		t.Errorf("got %v", err)
	}
	if len(r.all) > 0 {
		t.Errorf("%+v was sent", r.all)
	}
}
