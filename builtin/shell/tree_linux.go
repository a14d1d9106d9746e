package shell

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// tree finds the processes of one execution: the members of its group, their descendants, and those that left both but
// carry the execution's mark in their environment or hold its output. A process once found stays in the tree, even when
// its parents are gone.
type tree struct {
	table  *table
	tag    string
	inode  uint64
	leader processID
	// child says that the leader is our child and not reaped: then the number of its group can't belong to others.
	child bool

	mu    sync.Mutex // guards the rest
	known map[processID]struct{}
	live  []process
}

// newChildTree is the tree of a process that was just started. The process may have ended, but is not reaped.
func newChildTree(t *table, proc *os.Process, tag string, inode uint64) *tree {
	leader, _ := readProcess(proc.Pid)
	leader.pid = proc.Pid
	return &tree{
		table: t, tag: tag, inode: inode, leader: leader.processID, child: true,
		known: make(map[processID]struct{}),
	}
}

// refresh scans again, using a list of processes that is at most age old, and returns how many processes of the tree
// live. Only a deep scan finds those that left group and tree; it reads the environment of every process of the node.
func (t *tree) refresh(deep bool, age time.Duration) int {
	snap := t.table.snapshot(time.Now().Add(-age), deep)
	t.mu.Lock()
	defer t.mu.Unlock()
	members := t.members(snap)
	t.live = t.live[:0]
	clear(t.known)
	for i := range snap.procs {
		if p := &snap.procs[i]; members[p.pid] && !p.zombie {
			t.live = append(t.live, *p)
			t.known[p.processID] = struct{}{}
		}
	}
	return len(t.live)
}

// members returns the numbers of the processes of the tree. The agent itself never belongs to it, even if one of its
// own jobs started it.
func (t *tree) members(snap *snapshot) map[int]bool {
	group := t.child || snap.has(t.leader)
	members := make(map[int]bool)
	add := func(p *process) bool {
		if p.pid == t.table.self || members[p.pid] {
			return false
		}
		members[p.pid] = true
		return true
	}
	for i := range snap.procs {
		p := &snap.procs[i]
		if _, known := t.known[p.processID]; known || p.processID == t.leader || group && p.pgrp == t.leader.pid ||
			p.tag != "" && p.tag == t.tag || p.holds(t.inode) {
			add(p)
		}
	}
	for grown := len(members) > 0; grown; {
		grown = false
		for i := range snap.procs {
			if p := &snap.procs[i]; members[p.ppid] && add(p) {
				grown = true
			}
		}
	}
	return members
}

// memory is the resident memory of the processes that lived at the last refresh.
func (t *tree) memory() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	var sum uint64
	for i := range t.live {
		sum += t.live[i].rss
	}
	return sum
}

// living names the processes that lived at the last refresh, for people.
func (t *tree) living() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := make([]string, 0, min(len(t.live), maxNamed+1))
	for i := range t.live {
		if i == maxNamed {
			return append(names, fmt.Sprintf("and %d more", len(t.live)-maxNamed))
		}
		names = append(names, fmt.Sprintf("pid %d (%s)", t.live[i].pid, strings.ToValidUTF8(t.live[i].name, "?")))
	}
	return names
}

// left names the processes that live now.
func (t *tree) left() []string {
	t.refresh(true, 0)
	return t.living()
}

// hasGroup reports whether the command's process group has members. The leader counts until it is reaped.
func (t *tree) hasGroup() bool { return unix.Kill(-t.leader.pid, 0) != unix.ESRCH }

func (t *tree) terminate() { t.signal(syscall.SIGTERM) }

func (t *tree) kill() { t.signal(syscall.SIGKILL) }

func (t *tree) signal(sig syscall.Signal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.child {
		// In one step, so that members can't outrun it by forking.
		_ = unix.Kill(-t.leader.pid, sig)
	}
	for i := range t.live {
		if p := &t.live[i]; !t.child || p.pgrp != t.leader.pid {
			signalProcess(p.processID, sig)
		}
	}
}

// signalProcess signals exactly the process that was seen, never a later one with its number.
func signalProcess(id processID, sig syscall.Signal) {
	fd, err := unix.PidfdOpen(id.pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err == nil {
		defer unix.Close(fd)
	}
	if p, ok := readProcess(id.pid); !ok || p.processID != id {
		return
	}
	if err != nil { // a kernel without pidfd: a race of microseconds remains
		_ = unix.Kill(id.pid, sig)
		return
	}
	_ = unix.PidfdSendSignal(fd, sig, nil, 0)
}
