package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// built is the binary under test, and the one whose clock can be set, each made at most once per process.
var built, shifted binary

type binary struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// Binary returns the path of the binary under test and builds it when it is asked for the first time.
func Binary() (string, error) {
	built.once.Do(func() {
		if path := os.Getenv("DKRON_BINARY"); path != "" {
			built.path, built.err = filepath.Abs(path)
			return
		}
		built.err = built.build()
	})
	return built.path, built.err
}

// shiftedBinary returns the path of a binary whose wall clock a test can set.
func shiftedBinary() (string, error) {
	shifted.once.Do(func() { shifted.err = shifted.build("-tags=hashicorpmetrics,clockshift") })
	return shifted.path, shifted.err
}

// RemoveBinary removes what was built.
func RemoveBinary() {
	for _, dir := range []string{built.dir, shifted.dir} {
		if dir != "" {
			os.RemoveAll(dir)
		}
	}
}

func (b *binary) build(flags ...string) (err error) {
	if b.dir, err = os.MkdirTemp("", "dkron-binary-"); err != nil {
		return err
	}
	b.path = filepath.Join(b.dir, "dkron")
	// The race detector would distort every time that is measured here.
	args := append([]string{"build", "-race=false", "-o", b.path}, flags...)
	if out, err := exec.Command("go", append(args, "dkron/cmd/dkron")...).CombinedOutput(); err != nil {
		return fmt.Errorf("build dkron: %w\n%s", err, out)
	}
	return nil
}
