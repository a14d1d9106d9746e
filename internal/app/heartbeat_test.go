package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestTheLeaderCallsTheAddressOfTheHeartbeat(t *testing.T) {
	calls := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case calls <- r.Method + " " + r.URL.Path:
		default:
		}
	}))
	defer receiver.Close()
	measuredNode(t, "n1", "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1", "DKRON_HEARTBEAT_URL="+receiver.URL+"/check/7", "DKRON_HEARTBEAT_INTERVAL=20ms")
	for range 3 {
		select {
		case call := <-calls:
			if call != "GET /check/7" {
				t.Error(call)
			}
		case <-time.After(time.Minute):
			t.Fatal("no heartbeat")
		}
	}
}
