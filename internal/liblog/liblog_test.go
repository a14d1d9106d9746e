package liblog

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// A reader of JSON keeps one of two equal keys, perhaps the library's.
func TestALineHasEachKeyOnce(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil)).With("node", "web-1", "plugin", "mail")
	New(log, "plugin").Error("plugin process exited", "plugin", "/p/dkron-executor-mail", "error", "node")
	New(log, "raft").With("node", "a").Info("entering leader state", "node", "Node at a")
	for line := range strings.Lines(out.String()) {
		if strings.Count(line, " node=") != 1 || strings.Count(line, " plugin=") != 1 {
			t.Error(line)
		}
	}
	for _, want := range []string{" file=/p/dkron-executor-mail error=node", ` raft_node="Node at a"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %s", want, out.String())
		}
	}
}
