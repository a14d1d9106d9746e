package shell

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// processID identifies a process uniquely: numbers are reused, but not within the same tick.
type processID struct {
	pid   int
	start uint64 // clock ticks after boot
}

// process is what /proc shows of one process.
type process struct {
	processID
	ppid, pgrp int
	rss        uint64 // bytes
	cpu        uint64 // clock ticks of user and system time, with those of its children that it has waited for
	zombie     bool
	exit       int // wait status of a zombie, if visible to us
	name       string

	// Only in a deep snapshot:
	tag   string    // the execution it belongs to, see executionTag
	pipes [2]uint64 // the pipes at its standard output and standard error
}

func (p *process) holds(inode uint64) bool {
	return inode != 0 && (p.pipes[0] == inode || p.pipes[1] == inode)
}

// snapshot is the list of processes at one instant. It is immutable.
type snapshot struct {
	at    time.Time
	deep  bool
	procs []process
}

func (s *snapshot) has(id processID) bool {
	for i := range s.procs {
		if s.procs[i].processID == id {
			return true
		}
	}
	return false
}

// table lists the processes of the node for all executions. Concurrent callers share one scan, so that ending a
// thousand commands doesn't read /proc a thousand times.
type table struct {
	self int

	mu   sync.Mutex // guards last, and is held while looking
	last *snapshot
}

func newTable() *table { return &table{self: os.Getpid()} }

// snapshot returns a list whose scan began at or after since.
func (t *table) snapshot(since time.Time, deep bool) *snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last != nil && !t.last.at.Before(since) && (t.last.deep || !deep) {
		return t.last
	}
	s := &snapshot{at: time.Now(), deep: deep}
	for _, pid := range listPIDs() {
		p, ok := readProcess(pid)
		if !ok {
			continue
		}
		if deep && !p.zombie && pid != t.self {
			p.readIdentity()
		}
		s.procs = append(s.procs, p)
	}
	t.last = s
	return s
}

func listPIDs() []int {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func procPath(pid int, rest string) string { return "/proc/" + strconv.Itoa(pid) + rest }

// readProcess reads /proc/<pid>/stat; false means that there is no such process.
func readProcess(pid int) (process, bool) {
	fd, err := unix.Open(procPath(pid, "/stat"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return process{}, false
	}
	defer unix.Close(fd)
	var buf [1024]byte
	n, err := unix.Read(fd, buf[:])
	if err != nil {
		return process{}, false
	}
	return parseStat(pid, buf[:n])
}

// parseStat reads the needed fields, counted from after the name, which may contain anything.
func parseStat(pid int, stat []byte) (process, bool) {
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return process{}, false
	}
	const state, ppid, pgrp, utime, cstime, threads, start, rss, exit = 3, 4, 5, 14, 17, 20, 22, 24, 52 // as numbered in proc(5)
	fields := bytes.Fields(stat[end+1:])
	if len(fields) <= rss-state {
		return process{}, false
	}
	number := func(field int) int64 {
		if field-state >= len(fields) {
			return 0
		}
		n, _ := strconv.ParseInt(string(fields[field-state]), 10, 64)
		return n
	}
	p := process{name: string(stat[open+1 : end])}
	p.pid, p.start = pid, uint64(number(start))
	p.ppid, p.pgrp = int(number(ppid)), int(number(pgrp))
	for field := utime; field <= cstime; field++ {
		p.cpu += uint64(max(number(field), 0))
	}
	p.rss = uint64(max(number(rss), 0)) * uint64(os.Getpagesize())
	switch fields[0][0] {
	case 'Z', 'X':
		// A process whose first thread has ended looks like a zombie while others still run.
		p.zombie = number(threads) <= 1
		p.exit = int(number(exit))
	}
	return p, true
}

// readIdentity reads the marks that assign a process to an execution.
func (p *process) readIdentity() {
	if env, err := os.ReadFile(procPath(p.pid, "/environ")); err == nil {
		job, execution := lookupEnv(env, jobNameVar), lookupEnv(env, executionIDVar)
		if execution != "" {
			p.tag = executionTag(job, execution)
		}
	}
	p.pipes = [2]uint64{pipeAt(p.pid, 1), pipeAt(p.pid, 2)}
}

// lookupEnv finds a variable in an environment as the kernel shows it.
func lookupEnv(env []byte, name string) string {
	prefix := []byte(name + "=")
	for len(env) > 0 {
		entry, rest, _ := bytes.Cut(env, []byte{0})
		if value, ok := bytes.CutPrefix(entry, prefix); ok {
			return string(value)
		}
		env = rest
	}
	return ""
}

// pipeAt returns the inode of the pipe behind a file descriptor of a process, 0 if there is none.
func pipeAt(pid, fd int) uint64 {
	link, err := os.Readlink(procPath(pid, "/fd/"+strconv.Itoa(fd)))
	if err != nil {
		return 0
	}
	text, ok := strings.CutPrefix(link, "pipe:[")
	if !ok {
		return 0
	}
	inode, _ := strconv.ParseUint(strings.TrimSuffix(text, "]"), 10, 64)
	return inode
}

// bootID changes at every boot, when process numbers and start times start over.
var bootID = sync.OnceValue(func() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return string(bytes.TrimSpace(id))
})
