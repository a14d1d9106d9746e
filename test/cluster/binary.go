package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// built is the binary under test, made at most once per process.
var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// Binary returns the path of the binary under test and builds it when it is asked for the first time.
func Binary() (string, error) {
	built.once.Do(func() { built.path, built.err = build() })
	return built.path, built.err
}

// RemoveBinary removes what Binary built.
func RemoveBinary() {
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
}

func build() (string, error) {
	if path := os.Getenv("DKRON_BINARY"); path != "" {
		return filepath.Abs(path)
	}
	dir, err := os.MkdirTemp("", "dkron-binary-")
	if err != nil {
		return "", err
	}
	built.dir = dir
	path := filepath.Join(dir, "dkron")
	// The race detector would distort every time that is measured here.
	cmd := exec.Command("go", "build", "-race=false", "-o", path, "dkron/cmd/dkron")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build dkron: %w\n%s", err, out)
	}
	return path, nil
}
