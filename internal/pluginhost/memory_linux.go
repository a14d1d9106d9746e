package pluginhost

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// usage is the resident memory of all processes, at one moment.
type usage struct {
	resident map[int]uint64 // bytes, by process
	children map[int][]int  // by parent
}

// measure reads it. Memory that processes share counts for each.
func measure() usage {
	u := usage{make(map[int]uint64), make(map[int][]int)}
	dir, err := os.Open("/proc")
	if err != nil {
		return u
	}
	defer func() { _ = dir.Close() }()
	names, _ := dir.Readdirnames(-1)
	page := uint64(os.Getpagesize())
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", name, "stat"))
		if err != nil {
			continue // it has ended
		}
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // from the third on; see proc_pid_stat(5)
		if len(fields) < 22 {
			continue
		}
		parent, _ := strconv.Atoi(string(fields[1]))
		pages, _ := strconv.ParseUint(string(fields[21]), 10, 64)
		u.resident[pid] = pages * page
		u.children[parent] = append(u.children[parent], pid)
	}
	return u
}

// tree returns the bytes of a process and of all below it.
func (u usage) tree(pid int) uint64 {
	if pid == 0 {
		return 0
	}
	total := u.resident[pid]
	for _, child := range u.children[pid] {
		total += u.tree(child)
	}
	return total
}

// of returns the bytes of a plugin's process and of all that it has started. Those that have lost their parent belong to its
// guard.
func (u usage) of(p *process) uint64 {
	if p.guard == nil {
		return u.tree(p.pid)
	}
	guard := p.guard.guard.Process.Pid
	return u.tree(guard) - u.resident[guard]
}
