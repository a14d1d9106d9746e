package contract

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"dkron/test/cluster"
)

// together is how many tests run at a time. Nearly all of their time is waiting for jobs to run.
const together = "16"

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if err := flag.Set("test.parallel", together); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if _, err := cluster.Binary(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cluster.RemoveBinary()
	code := m.Run()
	if !stopWorld(code != 0) && code == 0 {
		code = 1
	}
	if code != 0 || flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.list").Value.String() != "" {
		return code // not all tests ran, so their coverage is unknown
	}
	problems := slices.Concat(missingStatuses(), deadPending(), missingQuirks())
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, "contract:", p)
	}
	return min(len(problems), 1)
}
