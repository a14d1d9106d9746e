package cluster

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

type startRequest struct {
	cmd  *exec.Cmd
	done chan error
}

var starter = sync.OnceValue(func() chan startRequest {
	requests := make(chan startRequest)
	go func() {
		// The kernel sends the parent-death signal when the thread that forked ends, so that thread must never end
		// before the process does.
		runtime.LockOSThread()
		for r := range requests {
			r.done <- r.cmd.Start()
		}
	}()
	return requests
})

// start starts cmd so that it dies with this process, however that ends: no clean-up runs after a panic in a goroutine
// or the test binary's own timeout.
func start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Pdeathsig, cmd.SysProcAttr.Setpgid = syscall.SIGKILL, true
	r := startRequest{cmd, make(chan error, 1)}
	starter() <- r
	return <-r.done
}

// suspended reports whether no thread of a process runs.
func suspended(pid int) bool {
	threads, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
	for _, path := range threads {
		stat, err := os.ReadFile(path)
		if err != nil { // it has ended
			continue
		}
		after := stat[bytes.LastIndexByte(stat, ')')+1:] // the name before it may have any characters
		if state := bytes.TrimSpace(after); len(state) == 0 || state[0] != 'T' && state[0] != 'Z' && state[0] != 'X' {
			return false
		}
	}
	return true
}

// containers makes each node process 1 of its own process namespace. All share this host's network.
type containers struct{ loopback }

// newContainers skips the test where the host refuses process namespaces.
func newContainers(t testing.TB) containers {
	t.Helper()
	var c containers
	argv := append(c.wrap(nil), "true")
	cmd := exec.Command(argv[0], argv[1:]...)
	c.place(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("process 1 needs a process namespace with a /proc of its own, and this host refuses: %v: %s", err, out)
	}
	return c
}

// wrap mounts /proc so that it shows only the processes of the namespace.
func (containers) wrap(*Node) []string {
	return []string{"sh", "-c", `mount --make-rprivate / && mount -t proc proc /proc && exec "$@"`, "sh"}
}

func (containers) place(cmd *exec.Cmd) {
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 { // a user namespace grants the rights
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	cmd.SysProcAttr = attr
}

// zombies returns how many children of a process have ended and wait to be reaped.
func zombies(parent int) (n int) {
	dirs, _ := os.ReadDir("/proc")
	for _, dir := range dirs {
		stat, err := os.ReadFile("/proc/" + dir.Name() + "/stat")
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ") // after the name
		if fields := strings.Fields(rest); len(fields) > 1 && fields[0] == "Z" && fields[1] == strconv.Itoa(parent) {
			n++
		}
	}
	return n
}
