package shell

import "golang.org/x/sys/unix"

// await leaves the process unreaped, so that its number, which is also that of its group, stays ours until outcome.
func (c *child) await() {
	for unix.Waitid(unix.P_PID, c.proc.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}
