package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/internal/app"
	"dkron/internal/config"
	"dkron/internal/porttest"
	"dkron/internal/rpc"
	"dkron/internal/telemetry"
)

// dkron runs the program.
func dkron(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, false, &out, &err)
	return code, out.String(), err.String()
}

// node is a node of a cluster in this process.
type node struct {
	rpc, gossip, http string // host:port
	ended             chan error
	stop              context.CancelFunc
}

// start runs a node, on free ports of loopback, that joins another one if that is not nil. It is stopped at the end.
func start(t *testing.T, name string, join *node, settings ...string) *node {
	t.Helper()
	n := &node{rpc: porttest.Addr(t), gossip: porttest.Addr(t), http: porttest.Addr(t), ended: make(chan error, 1)}
	_, port, _ := net.SplitHostPort(n.rpc)
	env := append([]string{
		"DKRON_NODE_NAME=" + name, "DKRON_DATA_DIR=" + t.TempDir(), "DKRON_BIND_ADDR=" + n.gossip, "DKRON_RPC_PORT=" + port,
		"DKRON_HTTP_ADDR=" + n.http, "DKRON_PROFILE=local",
	}, settings...)
	if join != nil {
		env = append(env, "DKRON_RETRY_JOIN="+join.gossip)
	}
	cfg, _, err := config.Load(nil, env, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	go func() { n.ended <- app.Run(ctx, cfg, "test", telemetry.NewLogger(io.Discard, "text", "info")) }()
	t.Cleanup(func() {
		cancel()
		n.end(t)
	})
	return n
}

// end waits for the end of the node.
func (n *node) end(t *testing.T) {
	t.Helper()
	select {
	case err := <-n.ended:
		if err != nil {
			t.Error(err)
		}
		n.ended <- nil // for whoever asks next
	case <-time.After(time.Minute):
		t.Error("a node does not end")
	}
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-limit:
			t.Fatal("waited too long for " + what)
		case <-tick.C:
		}
	}
}

func (n *node) ready() bool {
	r, err := http.Get("http://" + n.http + "/ready")
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

func TestMistakesOnTheCommandLineAreToldOnceWithAHint(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"leev", `unknown command "leev" for "dkron"; did you mean leave?`},
		{"raft list-peer", `unknown command "list-peer" for "dkron raft"; did you mean list-peers?`},
		{"completion tcsh", `unknown command "tcsh"`},
		{"raft remove-peer", "--peer-id is missing"},
		{"raft remove-peer --peer-id=", "--peer-id is missing"},
		{"leave now", `dkron leave takes no arguments, got ["now"]`},
		{"leave --rpc-addr=10.0.0.1:many", "--rpc-addr: "},
		{"leave --adr=x", "unknown flag: --adr"},
		{"keygen --size=8", "must be 16, 24 or 32"},
	} {
		code, out, err := dkron(strings.Fields(c.args)...)
		if code != 1 || out != "" || !strings.HasPrefix(err, "Error: ") || strings.Count(err, c.says) != 1 ||
			!strings.Contains(err, "\nRun 'dkron") || strings.Contains(err, "Usage:") {
			t.Errorf("dkron %s: exit %d, stdout %q, stderr %q", c.args, code, out, err)
		}
	}
}

func TestGroupsPrintTheirHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"raft"}, {"completion"}} {
		if code, out, err := dkron(args...); code != 0 || !strings.Contains(out, "Available Commands:") || err != "" {
			t.Errorf("dkron %s: exit %d, stderr %q", args, code, err)
		}
	}
}

func TestNobodyThereIsToldWithAdviceAndWithoutUsage(t *testing.T) {
	addr := porttest.Addr(t)
	for _, args := range [][]string{{"leave"}, {"raft", "list-peers"}, {"raft", "remove-peer", "--peer-id=x"}} {
		code, out, err := dkron(append(args, "--rpc-addr="+addr)...)
		if code != 1 || out != "" || strings.Count(err, "\n") != 1 ||
			!strings.HasPrefix(err, "Error: no node answers at "+addr+": dial tcp "+addr) || !strings.Contains(err, "with --rpc-addr") {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", args, code, out, err)
		}
	}
}

func TestAServerShowsAndKeepsItsPeersAndAnAgentHasNone(t *testing.T) {
	s := start(t, "s1", nil, "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	eventually(t, "the server", s.ready)
	code, out, err := dkron("raft", "list-peers", "--rpc-addr="+s.rpc)
	pad := strings.Repeat(" ", len(s.rpc)-len("Address"))
	if want := "Node  ID  Address" + pad + "  State   Voter\ns1    s1  " + s.rpc + "  leader  true\n"; code != 0 || out != want || err != "" {
		t.Errorf("exit %d, stderr %q, got\n%swant\n%s", code, err, out, want)
	}
	for id, says := range map[string]string{
		"x":  `id "x" was not found in the Raft configuration, which has s1`,
		"s1": "can't remove s1: need at least one voter in configuration",
	} {
		if code, _, err := dkron("raft", "remove-peer", "--peer-id="+id, "--rpc-addr="+s.rpc); code != 1 || !strings.Contains(err, says) {
			t.Errorf("remove %s: exit %d, %q", id, code, err)
		}
	}

	a := start(t, "a1", s)
	eventually(t, "the agent", a.ready)
	for _, args := range [][]string{{"raft", "list-peers"}, {"raft", "remove-peer", "--peer-id=s1"}} {
		if code, _, err := dkron(append(args, "--rpc-addr="+a.rpc)...); code != 1 || !strings.Contains(err, "is an agent") {
			t.Errorf("%s of an agent: exit %d, %q", args, code, err)
		}
	}
	if code, _, err := dkron("leave", "--rpc-addr="+a.rpc); code != 0 || err != "Left the cluster successfully\n" {
		t.Errorf("leave of an agent: exit %d, %q", code, err)
	}
	a.end(t)
	code, _, err = dkron("leave", "--rpc-addr="+s.rpc)
	if code != 0 || err != "s1 is still in Raft's configuration: it is the only voter\nLeft the cluster successfully\n" {
		t.Errorf("leave of the only voter: exit %d, %q", code, err)
	}
	s.end(t)
}

func TestAServerWithoutALeaderShowsWhatItKnows(t *testing.T) {
	s := start(t, "s1", nil, "DKRON_SERVER=true") // waits for a cluster to take it in
	eventually(t, "an answer", func() bool { code, _, _ := dkron("raft", "list-peers", "--rpc-addr="+s.rpc); return code == 0 })
	if code, out, _ := dkron("raft", "list-peers", "--rpc-addr="+s.rpc); code != 0 || out != "Node  ID  Address  State  Voter\n" {
		t.Errorf("exit %d, %q", code, out)
	}
	code, _, err := dkron("raft", "remove-peer", "--peer-id=x", "--rpc-addr="+s.rpc)
	if code != 1 || !strings.Contains(err, "no cluster leader") {
		t.Errorf("exit %d, %q", code, err)
	}
}

func TestPeersThatNoMemberIsKnownOf(t *testing.T) {
	var b bytes.Buffer
	err := writePeers(&b, []rpc.Peer{
		{Node: "node-1", ID: "node-1", Address: "10.0.0.1:6868", Leader: true, Voter: true}, {ID: "x", Address: "10.0.0.22:6868"},
	})
	want := `Node       ID      Address         State     Voter
node-1     node-1  10.0.0.1:6868   leader    true
(unknown)  x       10.0.0.22:6868  follower  false
`
	if err != nil || b.String() != want {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestDocWritesAPagePerVisibleCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "dir")
	code, out, err := dkron("doc", "--dir="+dir)
	if code != 0 || err != "" {
		t.Fatal(code, err)
	}
	pages, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(pages) < 14 || strings.Count(out, "\n") != len(pages) {
		t.Errorf("%d pages, progress:\n%s", len(pages), out)
	}
	page, rerr := os.ReadFile(filepath.Join(dir, "dkron_raft_remove-peer.md"))
	if rerr != nil {
		t.Fatal(rerr)
	}
	for _, part := range []string{
		"---\ndate: 2", "\ntitle: \"dkron raft remove-peer\"\nslug: dkron_raft_remove-peer\nurl: /cli/dkron_raft_remove-peer/\n---\n",
		"--peer-id string", "--rpc-addr string", "(/cli/dkron_raft/)",
	} {
		if !bytes.Contains(page, []byte(part)) {
			t.Errorf("the page has no %q:\n%s", part, page)
		}
	}
	if code, _, err := dkron("doc", "--dir="+filepath.Join(pages[0], "below")); code != 1 || !strings.Contains(err, "--dir: ") {
		t.Errorf("a directory that can't be made: exit %d, %q", code, err)
	}
}

func TestCompletionForEachShell(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		code, with, _ := dkron("completion", shell)
		bare, without, _ := dkron("completion", shell, "--no-descriptions")
		if code != 0 || bare != 0 || !strings.Contains(with, "dkron") || with == without {
			t.Errorf("%s: exit %d and %d", shell, code, bare)
		}
	}
}
