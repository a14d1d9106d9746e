package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAServerThatJoinsIsNotReadyBeforeItHasEverything(t *testing.T) {
	const jobs = 200
	large := strings.Repeat("x", 64<<10) // so that it takes a while to send them all
	first := measuredNode(t, "n1", "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	waitFor(t, "the first server to be ready", func() bool { code, _ := get(first.url() + "/ready"); return code == http.StatusOK })
	const job = `{"name":"job-%d","schedule":"@daily","executor":"shell","executor_config":{"command":"%s"}}`
	for i := range jobs {
		if code, body := post(first.url()+"/v1/jobs", fmt.Sprintf(job, i, large)); code != http.StatusCreated {
			t.Fatal(code, body)
		}
	}
	second := measuredNode(t, "n2", "DKRON_SERVER=true", "DKRON_RETRY_JOIN="+first.GossipAddr(), "DKRON_RETRY_INTERVAL=50ms")
	var said []string
	for limit := time.Now().Add(15 * time.Second); ; {
		err := second.server.standing.Ready()
		if err == nil {
			break
		}
		if len(said) == 0 || said[len(said)-1] != err.Error() {
			said = append(said, err.Error())
		}
		if time.Now().After(limit) {
			t.Fatal("waited too long for the second server to be ready")
		}
		time.Sleep(200 * time.Microsecond) // to look closely, not to wait for something
	}
	t.Logf("it said %q", said)
	if have := second.server.state.Index().Len(); have != jobs {
		t.Errorf("the second server was ready with %d of %d jobs", have, jobs)
	}
}

func TestAServerWithoutALeaderSaysSo(t *testing.T) {
	n := measuredNode(t, "n1", "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=3")
	if code, body := get(n.url() + "/ready"); code != http.StatusServiceUnavailable || !strings.Contains(body, "no cluster leader") {
		t.Error("ready:", code, body)
	}
	if code, body := get(n.url() + "/health"); code != http.StatusOK || !strings.Contains(body, `"leader":false,"ready":false,"reason":"no cluster leader`) {
		t.Error("health:", code, body)
	}
}
