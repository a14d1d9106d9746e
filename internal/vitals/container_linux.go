package vitals

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// groups is where the kernel shows control groups, version 2.
const groups = "/sys/fs/cgroup"

// container returns the tightest limits of this process's control group and of those above it.
func container() limits {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return limits{}
	}
	for line := range strings.Lines(string(own)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return limitsOf(groups, path)
		}
	}
	return limits{}
}

// limitsOf reads the control groups from path up to the root.
func limitsOf(root, path string) (l limits) {
	for dir := filepath.Join(root, filepath.Clean("/"+path)); strings.HasPrefix(dir, root); dir = filepath.Dir(dir) {
		if size, ok := number(dir, "memory.max"); ok && (l.size == 0 || size < l.size) {
			used, _ := number(dir, "memory.current")
			l.size, l.used = size, used-min(used, field(dir, "memory.stat", "inactive_file")) // the kernel can drop these pages
		}
		if cpus := quota(dir); cpus > 0 && (l.cpus == 0 || cpus < l.cpus) {
			l.cpus, l.busy = cpus, float64(field(dir, "cpu.stat", "usage_usec"))/1e6
		}
		if dir == root {
			break
		}
	}
	return l
}

// number reads a file that has one number; false if it is missing or says "max".
func number(dir, file string) (uint64, bool) {
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64)
	return n, err == nil
}

// quota reads how many CPUs a group may use, 0 for all.
func quota(dir string) float64 {
	text, err := os.ReadFile(filepath.Join(dir, "cpu.max"))
	if err != nil {
		return 0
	}
	parts := strings.Fields(string(text)) // microseconds, or "max", of each so many microseconds
	if len(parts) != 2 {
		return 0
	}
	most, err1 := strconv.ParseFloat(parts[0], 64)
	of, err2 := strconv.ParseFloat(parts[1], 64)
	if err1 != nil || err2 != nil || of <= 0 {
		return 0
	}
	return most / of
}

// field reads a number from a file of names and numbers; 0 if it is not there.
func field(dir, file, name string) uint64 {
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
			return n
		}
	}
	return 0
}
