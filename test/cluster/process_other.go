//go:build !linux

package cluster

import (
	"os/exec"
	"testing"
)

// start starts cmd. Only Linux can tie its life to this process.
func start(cmd *exec.Cmd) error { return cmd.Start() }

// newContainers skips the test: only Linux has process namespaces.
func newContainers(t testing.TB) network {
	t.Skip("process 1 needs a process namespace, which only Linux has")
	return nil
}

// suspended can't be asked for elsewhere.
func suspended(int) bool { return true }
