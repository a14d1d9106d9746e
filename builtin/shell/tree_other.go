//go:build unix && !linux

package shell

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// table is empty on this platform: processes can't be listed without help.
type table struct{}

func newTable() *table { return &table{} }

// tree is the process group of one execution; processes that leave it aren't found.
type tree struct{ pgid int }

func newChildTree(_ *table, proc *os.Process, _ string, _ uint64) *tree { return &tree{pgid: proc.Pid} }

// refresh returns 1 while the group has members that can be signalled.
func (t *tree) refresh(bool, time.Duration) int {
	if syscall.Kill(-t.pgid, 0) != nil {
		return 0
	}
	return 1
}

// memory can't be measured on this platform.
func (t *tree) memory() uint64 { return 0 }

func (t *tree) living() []string { return []string{fmt.Sprintf("process group %d", t.pgid)} }

// left names the processes that live now.
func (t *tree) left() []string {
	if !t.hasGroup() {
		return nil
	}
	return t.living()
}

// hasGroup reports whether the command's process group has members.
func (t *tree) hasGroup() bool { return syscall.Kill(-t.pgid, 0) == nil }

func (t *tree) terminate() { _ = syscall.Kill(-t.pgid, syscall.SIGTERM) }

func (t *tree) kill() { _ = syscall.Kill(-t.pgid, syscall.SIGKILL) }
