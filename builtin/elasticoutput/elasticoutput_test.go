package elasticoutput

import (
	"context"
	"encoding/json"
	"encoding/pem"
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

// index is what the tests need of Elasticsearch: documents by path, and a user.
type index struct {
	mu        sync.Mutex // guards documents
	documents map[string]document
}

func (x *index) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	user, password, _ := r.BasicAuth()
	var d document
	switch err := json.NewDecoder(r.Body).Decode(&d); {
	case user != "elastic" || password != "s3cret":
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":{"type":"security_exception","reason":"unable to authenticate user [`+user+`]"},"status":401}`)
	case err != nil || r.Method != http.MethodPut || r.Header.Get("Content-Type") != "application/json":
		http.Error(w, `{"error":"incorrect request"}`, http.StatusBadRequest)
	case strings.HasPrefix(r.URL.Path, "/Upper"):
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":{"type":"invalid_index_name_exception","reason":"Invalid index name [Upper], must be lowercase"},"status":400}`)
	default:
		_, there := x.documents[r.URL.EscapedPath()]
		x.documents[r.URL.EscapedPath()] = d
		if !there {
			w.WriteHeader(http.StatusCreated)
		}
		fmt.Fprint(w, `{"result":"created"}`)
	}
}

func newProcessor(t *testing.T, file string) *Processor {
	t.Helper()
	dir := t.TempDir()
	if file != "" {
		if err := os.WriteFile(filepath.Join(dir, "dkron-processor-elasticsearch.yml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return New([]string{dir}, nil, slog.New(slog.DiscardHandler))
}

func result(config map[string]string) *plugin.ProcessRequest {
	at := time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC)
	return &plugin.ProcessRequest{
		JobName: "back up", NodeName: "node1", ReportingNode: "leader", LaunchID: "l", ExecutionID: "17-node1", Group: 17, Attempt: 1, Config: config,
		StartedAt: at, FinishedAt: at.Add(time.Hour), Success: true, Outcome: "success", Output: []byte("copied\xff"),
	}
}

func TestAResultIsADocumentThatARepetitionOverwrites(t *testing.T) {
	x := &index{documents: make(map[string]document)}
	server := httptest.NewTLSServer(x)
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newProcessor(t, fmt.Sprintf("logs:\n  url: ['https://127.0.0.1:1', '%s/']\n  index: runs\n  index_date_format: -2006.01.02\n  username: elastic\n  password: s3cret\n  tlsRootCAsFile: %s\n", server.URL, ca))
	for range 2 {
		resp, err := p.Process(t.Context(), result(map[string]string{"config": "logs"}))
		if err != nil || string(resp.Output) != "Output in elasticsearch, index runs-2026.11.23, document back up-17-node1" {
			t.Fatalf("%v, %v", resp, err)
		}
	}
	d, there := x.documents["/runs-2026.11.23/_doc/back%20up-17-node1"]
	if !there || len(x.documents) != 1 {
		t.Fatalf("%v", x.documents)
	}
	text, err := json.Marshal(d)
	const want = `{"@timestamp":"2026-11-24T00:59:59Z","job_name":"back up","node_name":"node1","reporting_node":"leader","launch_id":"l","execution_id":"17-node1","group":17,"attempt":1,` +
		`"started_at":"2026-11-23T23:59:59Z","finished_at":"2026-11-24T00:59:59Z","success":true,"outcome":"success","output":"copied` + "\ufffd" + `"}`
	if err != nil || string(text) != want {
		t.Errorf("%s", text)
	}
}

func TestJobsFromBeforeTheFileHaveTheirOwnKeys(t *testing.T) {
	x := &index{documents: make(map[string]document)}
	server := httptest.NewServer(x)
	defer server.Close()
	address := strings.Replace(server.URL, "http://", "http://elastic:s3cret@", 1)
	resp, err := newProcessor(t, "").Process(t.Context(), result(map[string]string{"url": "http://127.0.0.1:1, " + address, "forward": "true"}))
	if err != nil || resp.Output != nil || len(x.documents) != 1 {
		t.Errorf("%v, %v", err, x.documents)
	}
}

func TestWhatAServerAnswersDecidesAboutAnotherTry(t *testing.T) {
	x := &index{documents: make(map[string]document)}
	server := httptest.NewServer(x)
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	for _, c := range []struct {
		config        map[string]string
		want          string
		undeliverable bool
	}{
		{map[string]string{"url": "http://elastic:wr0ng@" + host}, "answered 401 Unauthorized: security_exception: unable to authenticate user [elastic]; check username and password", false},
		{map[string]string{"url": "http://elastic:s3cret@" + host, "index": "Upper"}, "Invalid index name [Upper], must be lowercase", true},
		{map[string]string{"url": "http://elastic:s3cret@127.0.0.1:1"}, "nothing accepts connections at http://redacted@127.0.0.1:1", false},
		{map[string]string{"url": "localhost:9200"}, "write one such as http://localhost:9200", false},
		{map[string]string{"config": "logs"}, "there is no file dkron-processor-elasticsearch.yml", false},
	} {
		_, err := newProcessor(t, "").Process(t.Context(), result(c.config))
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, plugin.ErrUndeliverable) != c.undeliverable ||
			strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "wr0ng") {
			t.Errorf("%v: %v", c.config, err)
		}
	}
}

func TestServersThatMisbehaveDoNotStopTheNextOne(t *testing.T) {
	x := &index{documents: make(map[string]document)}
	good := httptest.NewServer(x)
	defer good.Close()
	for name, answer := range map[string]http.HandlerFunc{
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // after that the server notices who goes away
			<-r.Context().Done()
		},
		"resets":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"is too busy":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"says garbage": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); fmt.Fprint(w, "\x00\x1b<html>") },
		"says 100 MB": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
			block := make([]byte, 1<<20)
			for range 100 {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		},
	} {
		bad := httptest.NewServer(answer)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		urls := bad.URL + "," + strings.Replace(good.URL, "http://", "http://elastic:s3cret@", 1)
		if _, err := newProcessor(t, "").Process(ctx, result(map[string]string{"url": urls})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		began := time.Now()
		_, err := newProcessor(t, "").Process(ctx, result(map[string]string{"url": bad.URL}))
		if err == nil || errors.Is(err, plugin.ErrUndeliverable) || len(err.Error()) > 1000 || time.Since(began) > 20*time.Second {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		bad.Close()
	}
}

func TestConfigurationsAreJudged(t *testing.T) {
	p := newProcessor(t, "")
	for _, c := range []struct {
		config map[string]string
		want   string
	}{
		{nil, ""},
		{map[string]string{"config": "logs", "forward": "true"}, ""},
		{map[string]string{"url": "http://a:9200, https://b", "index": "dkron_logs"}, ""},
		{map[string]string{"config": "logs", "index": "a"}, "index has no effect, because config names an entry of dkron-processor-elasticsearch.yml; leave out one of the two"},
		{map[string]string{"url": "a:9200"}, "url has something in it that is not the address of a server; write one such as http://localhost:9200"},
		{map[string]string{"index": "Logs"}, `index is "Logs", which Elasticsearch does not take as the name of an index; write lower-case letters, digits, - and _`},
		{map[string]string{"tlsCertificateFile": "/a"}, "tlsCertificateFile is set without tlsCertificateKeyFile, so every execution fails; set both or none"},
	} {
		var got []string
		for _, problem := range p.Check(c.config) {
			got = append(got, problem.Key+" "+problem.Text)
			if problem.Severity != plugin.Odd {
				t.Errorf("%v is refused", c.config)
			}
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%v: %q", c.config, got)
		}
	}
}
