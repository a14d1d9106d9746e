package main

import (
	"strings"
	"testing"
)

func TestTheLogLevelOfAServerAndOfAnAgentChangesWhileTheyRun(t *testing.T) {
	server := start(t, "n1", nil, "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	eventually(t, "the server", server.ready)
	agent := start(t, "a1", server)
	for name, n := range map[string]*node{"n1": server, "a1": agent} {
		at := "--rpc-addr=" + n.rpc
		eventually(t, name, func() bool { code, out, _ := dkron("log-level", at); return code == 0 && out == "info\n" })
		if code, _, err := dkron("log-level", "debug", at); code != 0 || !strings.Contains(err, name+" logs at debug now; before, it logged at info") {
			t.Errorf("%s: %d %s", name, code, err)
		}
		if _, out, _ := dkron("log-level", at); out != "debug\n" {
			t.Errorf("%s logs at %s", name, out)
		}
	}
	if code, _, err := dkron("log-level", "loud"); code != 1 || !strings.Contains(err, "choose one of trace, debug, info") {
		t.Errorf("%d %s", code, err)
	}
}
