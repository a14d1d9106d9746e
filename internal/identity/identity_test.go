package identity

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

var quiet = slog.New(slog.DiscardHandler)

func open(t *testing.T, dir, node string) *Identity {
	t.Helper()
	i, err := Open(dir, node)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestADataDirectoryKeepsItsNodesNameAndCluster(t *testing.T) {
	dir := t.TempDir()
	i := open(t, dir, "a2")
	_, err := i.Keep(false)
	must(t, err)
	must(t, i.Adopt("x"))
	if got := open(t, dir, "a2").Cluster(); got != "x" {
		t.Errorf("the cluster is %q", got)
	}
	_, err = Open(dir, "b9")
	var name *NameError
	if !errors.As(err, &name) || !strings.Contains(err.Error(), "this data directory belongs to a2; start with --node-name=a2, or ") {
		t.Errorf("another name: %v", err)
	}
	must(t, os.WriteFile(filepath.Join(dir, FileName), []byte("{"), 0o600))
	if _, err := Open(dir, "a2"); err == nil || !strings.Contains(err.Error(), FileName) || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("a damaged file: %v", err)
	}
}

func TestANodeOfAClusterTakesNoOther(t *testing.T) {
	i := open(t, t.TempDir(), "n")
	must(t, i.Adopt("x"))
	must(t, i.Adopt("x"))
	if err := i.Adopt("y"); !errors.Is(err, dkron.ErrForeign) || i.Cluster() != "x" {
		t.Errorf("%v, it belongs to %s", err, i.Cluster())
	}
	i.Lean("y")
	if i.Cluster() != "x" || i.Check("y") == nil || i.Check("") != nil || i.Check("x") != nil {
		t.Error("it does not keep to its cluster")
	}
}

func TestAcceptClusterCountsOnceAndIsReadyAgainAfterAStartWithout(t *testing.T) {
	dir := t.TempDir()
	start := func(accept bool) (i *Identity, left string) {
		i = open(t, dir, "n")
		left, err := i.Keep(accept)
		must(t, err)
		return i, left
	}
	i, _ := start(false)
	must(t, i.Adopt("x"))
	i, left := start(true)
	if left != "x" || i.Cluster() != "" || i.Former() != "x" {
		t.Fatalf("left %q, in %q", left, i.Cluster())
	}
	if i, left = start(true); left != "" || i.Former() != "x" { // crashed before it found another
		t.Fatalf("left %q, former %q", left, i.Former())
	}
	must(t, i.Adopt("y"))
	if i, left = start(true); left != "" || i.Cluster() != "y" || i.Former() != "" {
		t.Fatalf("the flag that was left there: left %q, in %q", left, i.Cluster())
	}
	start(false)
	if _, left = start(true); left != "y" {
		t.Fatalf("after a start without: left %q", left)
	}
}

func TestWhatAServersDataSaysComesBeforeTheFile(t *testing.T) {
	dir := t.TempDir()
	must(t, open(t, dir, "s").Adopt("old"))
	for _, c := range []struct {
		hasState bool
		state    string
		want     string
		founded  bool
	}{
		{true, "x", "x", false},
		{true, "", "x", false}, // the state has lost it
		{false, "", "", false}, // the data was removed
		{true, "", "", true},   // written before clusters had ids
	} {
		i := open(t, dir, "s")
		must(t, i.Begin(c.hasState, c.state))
		if i.Cluster() != c.want || i.Founded() != c.founded {
			t.Errorf("%+v: cluster %q, founded %v", c, i.Cluster(), i.Founded())
		}
	}
	i := open(t, dir, "s")
	must(t, i.Begin(true, ""))
	i.Lean("y")
	if err := i.Adopt("y"); !errors.Is(err, dkron.ErrForeign) || i.Cluster() != "" {
		t.Errorf("a server that does not know its cluster's id took %q, %v", i.Cluster(), err)
	}
	must(t, i.Settle("z"))
	if i.Cluster() != "z" || i.Founded() {
		t.Errorf("settled: %q", i.Cluster())
	}
}

func TestGossipOfAnotherClusterIsKeptOut(t *testing.T) {
	guard := func(cluster string) (*Gate, *int) {
		refused := new(int)
		i := open(t, t.TempDir(), "n")
		must(t, i.Adopt(cluster))
		return NewGate(NewGuard(i, false, quiet, func(string) { *refused++ }, nil), nobody, nobody), refused
	}
	x, y, none := Peer{Name: "a", Cluster: "x", Server: true}, Peer{Name: "b", Cluster: "y", Server: true}, Peer{Name: "c"}
	agentY := Peer{Name: "d", Cluster: "y"}
	for name, c := range map[string]struct {
		own   string
		peers []Peer
		want  bool
		then  string
	}{
		"ours":                                  {"x", []Peer{x, none}, true, "x"},
		"nobody's":                              {"x", []Peer{none}, true, "x"},
		"another's":                             {"x", []Peer{none, y}, false, "x"},
		"another's agent":                       {"x", []Peer{agentY}, false, "x"},
		"a server of a cluster without an id":   {"x", []Peer{{Name: "s9", Server: true, Founded: true}}, false, "x"},
		"an old server":                         {"x", []Peer{{Name: "s9", Server: true, Old: true}}, false, "x"},
		"an old agent":                          {"x", []Peer{{Name: "a9", Old: true}}, true, "x"},
		"a new server":                          {"x", []Peer{{Name: "s9", Server: true}}, true, "x"},
		"ours, with one left over":              {"x", []Peer{y, x}, true, "x"},
		"a new node keeps to the first":         {"", []Peer{none, y}, true, "y"},
		"a new node does not go by agents":      {"", []Peer{agentY, none}, true, ""},
		"a new node that has met nobody's node": {"", []Peer{none}, true, ""},
	} {
		g, refused := guard(c.own)
		err := g.Merge(c.peers)
		if (err == nil) != c.want || err != nil && !errors.Is(err, dkron.ErrForeign) || g.Cluster() != c.then || (*refused == 0) != c.want {
			t.Errorf("%s: %v, cluster %q, refused %d times", name, err, g.Cluster(), *refused)
		}
	}
	g, _ := guard("")
	must(t, g.Merge([]Peer{x}))
	if g.Merge([]Peer{y}) == nil {
		t.Error("a new node bridges two clusters")
	}
}

func TestRaftOfAnotherClusterIsKeptOut(t *testing.T) {
	const fresh, founded, of = "new", "founded", "of x"
	for name, c := range map[string]struct {
		state string
		peer  ServerCheck
		want  bool
		then  string
	}{
		"one cluster": {of, ServerCheck{Name: "s9", Cluster: "x"}, true, "x"},
		"another":     {of, ServerCheck{Name: "s1", Cluster: "y"}, false, "x"},
		"an old server is refused by a cluster with an id": {of, ServerCheck{Old: true}, false, "x"},
		"a server that was away":                           {of, ServerCheck{Name: "s1"}, true, "x"},
		"a server nobody knows":                            {of, ServerCheck{Name: "s9"}, false, "x"},
		"an old server before there is an id":              {founded, ServerCheck{Old: true}, true, ""},
		"a known one before there is an id":                {founded, ServerCheck{Name: "s1"}, true, ""},
		"an unknown one before there is an id":             {founded, ServerCheck{Name: "s9"}, false, ""},
		"a known one tells the id":                         {founded, ServerCheck{Name: "s1", Cluster: "x"}, true, "x"},
		"an unknown one does not":                          {founded, ServerCheck{Name: "s9", Cluster: "y"}, false, ""},
		"a new server takes the id":                        {fresh, ServerCheck{Name: "s9", Cluster: "y"}, true, "y"},
		"a new server of a cluster that has none yet":      {fresh, ServerCheck{Name: "s9"}, true, ""},
		"a new server of an old cluster":                   {fresh, ServerCheck{Old: true}, true, ""},
	} {
		i := open(t, t.TempDir(), "s2")
		must(t, i.Begin(c.state != fresh, map[bool]string{true: "x"}[c.state == of]))
		g := NewGate(NewGuard(i, true, quiet, func(string) {}, nil), func(s string) bool { return s == "s1" }, nobody)
		err := g.Raft(c.peer)
		if (err == nil) != c.want || g.Cluster() != c.then {
			t.Errorf("%s: %v, cluster %q", name, err, g.Cluster())
		}
	}
}

func TestAServerThatDoesNotKnowItsIdGoesByTheServersThatItKnows(t *testing.T) {
	i := open(t, t.TempDir(), "s2")
	must(t, i.Begin(true, ""))
	g := NewGate(NewGuard(i, true, quiet, func(string) {}, nil), func(s string) bool { return s == "s1" }, nobody)
	for n, c := range []struct {
		peers []Peer
		want  bool
	}{
		{[]Peer{{Name: "s9", Cluster: "y", Server: true}}, false},
		{[]Peer{{Name: "a1", Cluster: "x"}}, false},
		{[]Peer{{Name: "old"}}, true},
		{[]Peer{{Name: "a1", Cluster: "x"}, {Name: "s1", Cluster: "x", Server: true}}, true},
		{[]Peer{{Name: "a1", Cluster: "x"}}, true},
		{[]Peer{{Name: "s9", Cluster: "y", Server: true}}, false},
	} {
		if err := g.Merge(c.peers); (err == nil) != c.want {
			t.Errorf("%d: %v", n, err)
		}
	}
}

func TestAStrangerIsLoggedOnceAndShownForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines strings.Builder
		i := open(t, t.TempDir(), "n")
		must(t, i.Adopt("x"))
		g := NewGuard(i, false, slog.New(slog.NewTextHandler(&lines, nil)), func(string) {}, nil)
		for range 10 {
			if g.Meet(ViaRPC, "b", "y") == nil {
				t.Fatal("let in")
			}
			time.Sleep(time.Minute)
		}
		if n := strings.Count(lines.String(), "--accept-cluster"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, lines.String())
		}
		if n := g.Notice(); !strings.Contains(n, "cluster y") || !strings.Contains(n, "--accept-cluster") {
			t.Errorf("shown: %q", n)
		}
		time.Sleep(10 * time.Minute)
		if n := g.Notice(); n != "" {
			t.Errorf("still shown: %q", n)
		}
		time.Sleep(time.Hour)
		_ = g.Meet(ViaRPC, "b", "y")
		if n := strings.Count(lines.String(), "--accept-cluster"); n != 2 {
			t.Errorf("after an hour: logged %d times", n)
		}
	})
}

func TestIdsOfClustersDifferAndFitIntoATag(t *testing.T) {
	a, b := New(), New()
	if a == b || len(a) != 26 || strings.ToLower(a) != a {
		t.Error(a, b)
	}
}

// nobody is known by no name.
func nobody(string) bool { return false }

func TestAwaitReturnsWhenTheClusterIsKnown(t *testing.T) {
	i := open(t, t.TempDir(), "s1")
	i.Await(t.Context()) // a new server waits for nothing
	must(t, i.Begin(true, ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if i.Await(ctx); !i.Founded() {
		t.Error("the cluster is known")
	}
	go func() { must(t, i.Settle("x")) }()
	if i.Await(t.Context()); i.Founded() {
		t.Error("returned too early")
	}
	i.Await(t.Context())
}

func TestAServerThatIsDialledIsInTheConfiguration(t *testing.T) {
	i := open(t, t.TempDir(), "s2")
	must(t, i.Begin(true, ""))
	g := NewGuard(i, true, quiet, func(string) {}, nil)
	if err := g.Dialled(ServerCheck{Name: "s9", Cluster: "x"}); err != nil || g.Cluster() != "x" {
		t.Errorf("%v, cluster %q", err, g.Cluster())
	}
	if g.Dialled(ServerCheck{Name: "s9", Cluster: "y"}) == nil {
		t.Error("a server of another cluster is dialled")
	}
}
