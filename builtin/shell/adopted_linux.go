package shell

import (
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// reapTime is how long to watch another process's child after its end for its exit status, until its parent,
	// usually init, has reaped it.
	reapTime  = time.Second
	reapPause = 2 * time.Millisecond
	// followPause is the polling period for processes that can't be waited for.
	followPause = 100 * time.Millisecond
)

// adopted is a leader that is not our child.
type adopted struct {
	id    processID
	ended bool     // it had ended when it was found
	fd    int      // a pidfd, -1 on kernels without
	exit  *os.File // the owner of fd; nil without
}

// findLeader returns the process if it exists, running or not yet reaped.
func findLeader(id processID) (*adopted, bool) {
	fd, err := unix.PidfdOpen(id.pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil, false
	}
	a := &adopted{id: id, fd: -1}
	if err == nil {
		a.fd, a.exit = fd, exitFile(fd)
	}
	// Checked after the open, so that the descriptor belongs to exactly this process.
	p, ok := readProcess(id.pid)
	if !ok || p.processID != id {
		a.close()
		return nil, false
	}
	a.ended = p.zombie
	return a, true
}

func (a *adopted) close() {
	if a.exit != nil {
		a.exit.Close()
	}
}

func (a *adopted) await() {
	if a.exit != nil && awaitExit(a.exit) {
		return
	}
	for {
		if p, ok := readProcess(a.id.pid); !ok || p.processID != a.id || p.zombie {
			return
		}
		time.Sleep(followPause)
	}
}

// outcome asks every source: the kernel if the process has become our child, the pidfd once another parent has reaped
// it (Linux 6.15), and /proc until then.
func (a *adopted) outcome() *outcome {
	defer a.close()
	for deadline := time.Now().Add(reapTime); ; time.Sleep(reapPause) {
		var status syscall.WaitStatus
		if pid, _ := syscall.Wait4(a.id.pid, &status, syscall.WNOHANG, nil); pid == a.id.pid {
			return waitOutcome(status)
		}
		if status, ok := exitInfo(a.fd); ok {
			return waitOutcome(status)
		}
		p, ok := readProcess(a.id.pid)
		zombie := ok && p.processID == a.id && p.zombie
		if zombie && exitVisible(p) {
			return waitOutcome(syscall.WaitStatus(p.exit))
		}
		if !zombie || time.Now().After(deadline) {
			// It may have been reaped since the pidfd was asked.
			if status, ok := exitInfo(a.fd); ok {
				return waitOutcome(status)
			}
			return nil
		}
	}
}

// exitVisible reports whether the exit status in /proc is real: without permission it reads as 0. With permission, a
// dead process's directory gives "no such file", without it "permission denied".
func exitVisible(p process) bool {
	_, err := os.Readlink(procPath(p.pid, "/cwd"))
	return p.exit != 0 || errors.Is(err, os.ErrNotExist)
}

// pidfdInfo is struct pidfd_info of linux/pidfd.h in its first version.
type pidfdInfo struct {
	mask     uint64
	_        uint64     // cgroup
	_        [11]uint32 // ids
	exitCode int32      // a wait status
}

const (
	pidfdGetInfo  = 3<<30 | unsafe.Sizeof(pidfdInfo{})<<16 | 0xFF<<8 | 11 // PIDFD_GET_INFO
	pidfdInfoExit = 1 << 3                                                // PIDFD_INFO_EXIT
)

// exitInfo returns the wait status of a process that has been reaped, on kernels that keep it.
func exitInfo(fd int) (syscall.WaitStatus, bool) {
	if fd < 0 {
		return 0, false
	}
	info := pidfdInfo{mask: pidfdInfoExit}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), pidfdGetInfo, uintptr(unsafe.Pointer(&info))) //nolint:gosec // the kernel writes into what we have
	if errno != 0 || info.mask&pidfdInfoExit == 0 {
		return 0, false
	}
	return syscall.WaitStatus(info.exitCode), true
}

// waitOutcome formats a wait status as os/exec does.
func waitOutcome(status syscall.WaitStatus) *outcome {
	if status.Exited() {
		code := status.ExitStatus()
		return exitOutcome(code)
	}
	text := "signal: " + status.Signal().String()
	if status.CoreDump() {
		text += " (core dumped)"
	}
	return &outcome{text: text}
}
