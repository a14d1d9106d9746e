package builtin_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"dkron/builtin"
	"dkron/internal/reach"
	"dkron/plugin"
)

type deaf struct{}

func (deaf) Write([]byte, bool)   {}
func (deaf) Started([]byte) error { return nil }

func TestWhatCallsAddressesCallsNoneThatTheNodeExcludes(t *testing.T) {
	var served atomic.Int32
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) })
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secure.Close()
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	for name, text := range map[string]string{
		ca: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})),
		filepath.Join(dir, "dkron-processor-slack.yml"):         "ops: {webhook_url: " + plain.URL + "/s3cret}\n",
		filepath.Join(dir, "dkron-processor-elasticsearch.yml"): "logs: {url: " + secure.URL + ", tlsRootCAsFile: " + ca + "}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	policy, bad, _ := reach.New([]string{"127.0.0.0/8"}, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	executors := builtin.New(builtin.Options{Reach: policy})
	defer executors.Close()
	processors := builtin.NewProcessors(builtin.ProcessorOptions{ConfigDirs: []string{dir}, Reach: policy})
	defer processors.Close()
	process := func(name string, config map[string]string) string {
		_, err := processors.ByName()[name].Process(t.Context(), &plugin.ProcessRequest{JobName: "j", ExecutionID: "e", Config: config})
		if err == nil {
			return "no error"
		}
		return err.Error()
	}
	resp, err := executors.ByName()["http"].Execute(t.Context(), &plugin.ExecuteRequest{Config: map[string]string{"method": "GET", "url": plain.URL}}, deaf{})
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"http":                   resp.Error,
		"slack":                  process("slack", map[string]string{"team": "ops"}),
		"elasticsearch":          process("elasticsearch", map[string]string{"url": plain.URL}),
		"elasticsearch with TLS": process("elasticsearch", map[string]string{"config": "logs"}),
	} {
		if !strings.Contains(text, "127.0.0.1 is in 127.0.0.0/8 of deny-addresses, which this node does not call: set allow-addresses to allow it") {
			t.Errorf("%s: %s", what, text)
		}
	}
	if served.Load() != 0 {
		t.Errorf("%d requests arrived", served.Load())
	}
}
