package contract

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// pending is what the server does not do yet, by test, with the reason. A test asserts the right behaviour and is
// skipped; DKRON_PENDING=1 runs it. Lines that begin with "status " are rows of statuses_test.go.
var pending = map[string]string{}

// began is the names of all tests that ran.
var began sync.Map

// begin records that a test runs, and skips it if it is pending.
func begin(t *testing.T) {
	t.Helper()
	began.Store(t.Name(), true)
	if reason, ok := pending[t.Name()]; ok && os.Getenv("DKRON_PENDING") == "" {
		t.Skip("pending: " + reason)
	}
}

// deadPending returns the lines of the list that name no test.
func deadPending() []string {
	var problems []string
	rows := statusRows()
	for name := range pending {
		if _, ok := began.Load(name); !ok && !rows[name] {
			problems = append(problems, fmt.Sprintf("pending names %q, which is no test", name))
		}
	}
	return problems
}
