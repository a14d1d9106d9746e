package shell

import (
	"os"
	"sync"
)

// own tracks the processes that the executor itself waits for, so that ReapOrphans does not reap them.
type own struct {
	// starting is held for reading while a process is started, and for writing while orphans are reaped: a process may
	// end before its number is recorded here.
	starting sync.RWMutex

	mu   sync.Mutex  // guards pids
	pids map[int]int // how often each is waited for: a number may be reused before its last user has released it
}

func newOwn() *own { return &own{pids: make(map[int]int)} }

// start starts a process and records its number. Whoever reaps the process releases it.
func (o *own) start(path string, argv []string, attr *os.ProcAttr) (*os.Process, error) {
	o.starting.RLock()
	defer o.starting.RUnlock()
	proc, err := os.StartProcess(path, argv, attr)
	if err == nil {
		o.hold(proc.Pid)
	}
	return proc, err
}

func (o *own) hold(pid int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pids[pid]++
}

func (o *own) release(pid int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pids[pid]--; o.pids[pid] == 0 {
		delete(o.pids, pid)
	}
}

func (o *own) has(pid int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pids[pid] > 0
}
