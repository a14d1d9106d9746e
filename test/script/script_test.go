package script

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"dkron/internal/porttest"
	"dkron/test/cluster"
)

// together is how many scripts run at a time; most of their time is waiting.
const together = "6"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", together); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	cluster.RemoveBinary()
	os.Exit(code)
}

func TestScripts(t *testing.T) {
	binary, err := cluster.Binary()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(bin, "dkron")); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "scripts",
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+e.WorkDir)
			return setup(t, e)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"http": request, "status": status, "header": header, "json": value, "save": save, "waitfor": waitFor, "ready": ready,
			"free": func(ts *testscript.TestScript, neg bool, args []string) {
				want(ts, neg, args, 1, "free N")
				for name, address := range addresses(t) {
					ts.Setenv(name+args[0], address)
				}
			},
		},
		RequireUniqueNames: true,
	})
}

// addresses returns free addresses for a node.
func addresses(t *testing.T) map[string]string {
	local := func() string { return porttest.Addr(t) }
	return map[string]string{"HTTP": local(), "GOSSIP": local(), "RPC": porttest.Port(t)}
}

func setup(t *testing.T, e *testscript.Env) error {
	a := addresses(t)
	e.Setenv("DKRON_HTTP_ADDR", a["HTTP"])
	e.Setenv("DKRON_BIND_ADDR", a["GOSSIP"])
	e.Setenv("DKRON_RPC_PORT", a["RPC"])
	e.Setenv("DKRON_NODE_NAME", "node1")
	e.Setenv("DKRON_PROFILE", "local")
	e.Setenv("DKRON_DRAIN_TIMEOUT", "1s")
	e.Setenv("DKRON_RETRY_INTERVAL", "1s")
	e.Setenv("URL", "http://"+a["HTTP"])
	e.Setenv("GOSSIP", a["GOSSIP"])
	e.Values[lastKey{}] = new(answer)
	return nil
}
