package shell

import (
	"os"

	"golang.org/x/sys/unix"
)

// await leaves the process unreaped, so that its number, which is also its group's, is not reused before outcome.
func (c *child) await() {
	if c.exit != nil && awaitExit(c.exit) {
		return
	}
	for unix.Waitid(unix.P_PID, c.proc.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

// openExit returns a pidfd, on which waiting takes no thread; nil on kernels without.
func openExit(pid int) *os.File {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil
	}
	return exitFile(fd)
}

// exitFile takes over a pidfd.
func exitFile(fd int) *os.File {
	_ = unix.SetNonblock(fd, true) // makes it one that the runtime waits for
	return os.NewFile(uintptr(fd), "pidfd")
}

// awaitExit blocks until the process of a pidfd has ended; false means that it can't tell.
func awaitExit(pidfd *os.File) bool {
	raw, err := pidfd.SyscallConn()
	if err != nil {
		return false
	}
	err = raw.Read(func(fd uintptr) bool {
		ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			n, err := unix.Poll(ready, 0)
			if err != unix.EINTR {
				return n > 0 || err != nil
			}
		}
	})
	return err == nil
}
