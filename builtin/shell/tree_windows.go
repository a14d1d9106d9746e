package shell

import (
	"os"
	"os/exec"
	"strconv"
	"time"
)

// table is empty on this platform: taskkill finds the processes.
type table struct{}

func newTable() *table { return &table{} }

// tree is the process of one execution and what it has started.
type tree struct {
	proc   *os.Process
	killed bool
}

func newChildTree(_ *table, proc *os.Process, _ string, _ uint64) *tree { return &tree{proc: proc} }

// refresh returns 1 until the kill, after which there is nothing left to ask.
func (t *tree) refresh(bool, time.Duration) int {
	if t.killed {
		return 0
	}
	return 1
}

// memory can't be measured on this platform.
func (t *tree) memory() uint64 { return 0 }

// left can't be determined on this platform.
func (t *tree) left() []string { return nil }

func (t *tree) hasGroup() bool { return false }

// terminate kills: there is no gentle way that every program reacts to.
func (t *tree) terminate() { t.kill() }

func (t *tree) kill() {
	t.killed = true
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(t.proc.Pid)).Run()
	_ = t.proc.Kill()
}
