package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"dkron/test/compat"
)

// built is the binary under test, shifted the one whose clock can be set, next the one of the release after this one, and
// former that of the release before; each is made at most once per process.
var built, shifted, next, former binary

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
	shifted.once.Do(func() { shifted.err = shifted.build("-tags=hashicorpmetrics,grpcnotrace,clockshift") })
	return shifted.path, shifted.err
}

// nextBinary returns the path of a binary of what could be the release after this one: it has a field more in the log.
func nextBinary() (string, error) {
	next.once.Do(func() { next.err = next.build("-tags=hashicorpmetrics,grpcnotrace,nextprotocol") })
	return next.path, next.err
}

// formerBinary returns the path of a binary of the release before this one, built from the commit that test/compat names.
func formerBinary() (string, error) {
	former.once.Do(func() {
		r, ok := compat.Former()
		if !ok {
			former.err = errors.New("there is no release before this one")
			return
		}
		former.dir, former.err = os.MkdirTemp("", "dkron-binary-")
		if former.err == nil {
			former.path = filepath.Join(former.dir, "dkron")
			former.err = r.Build(former.path)
		}
	})
	return former.path, former.err
}

// RemoveBinary removes what was built.
func RemoveBinary() {
	for _, dir := range []string{built.dir, shifted.dir, next.dir, former.dir} {
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
