package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dkron/plugin/serve"
)

// TestMain makes the test's binary a plugin if it is started by the name of one.
func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "dkron-executor-") {
		serve.Executor(breeder{}, serve.Options{})
	}
	if _, err := Binary(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	RemoveBinary()
	os.Exit(code)
}
