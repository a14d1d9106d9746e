package app

import (
	"dkron/internal/porttest"
	"net/http"
	"testing"
)

func TestAnAgentsPortIsTheWholeAPI(t *testing.T) {
	gossip, api := porttest.Port(t), porttest.Port(t)
	server := startServer(t, "DKRON_BIND_ADDR=127.0.0.1:"+gossip, "DKRON_HTTP_ALLOWED_ORIGINS=https://ops.example.com")
	startNode(t, "DKRON_NODE_NAME=a1", "DKRON_DATA_DIR="+t.TempDir(), "DKRON_BIND_ADDR="+porttest.Addr(t),
		"DKRON_RPC_PORT="+porttest.Port(t), "DKRON_HTTP_ADDR=127.0.0.1:"+api, "DKRON_RETRY_JOIN=127.0.0.1:"+gossip)
	agent := "http://127.0.0.1:" + api
	waitFor(t, "the agent to know the server", func() bool { code, _ := get(agent + "/v1/jobs"); return code == 200 })
	if code, body := post(agent+"/v1/jobs", `{"name":"a","schedule":"@hourly","what":1}`); code != 201 {
		t.Fatal(code, body)
	}
	req, _ := http.NewRequest("GET", agent+"/v1/jobs/a?consistent", nil)
	req.Header.Set("Origin", "https://ops.example.com")
	for _, want := range []int{200, 304} {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		h := resp.Header
		if resp.StatusCode != want || h.Get("X-Whom") != "n1" || h.Get("Access-Control-Allow-Origin") != "https://ops.example.com" ||
			len(h["Vary"]) != 2 || h.Get("Etag") == "" {
			t.Errorf("%s %v", resp.Status, h)
		}
		req.Header.Set("If-None-Match", h.Get("Etag"))
	}
	_, direct := get(server + "/v1/jobs?pretty")
	if _, body := get(agent + "/v1/jobs?pretty"); len(direct) < 1024 || body != direct { // long enough to be compressed
		t.Errorf("%s\nis not %s", body, direct)
	}
}
