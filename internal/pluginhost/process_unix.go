//go:build unix && !linux

package pluginhost

import (
	"os/exec"
	"syscall"
)

// isolate can't make the kernel kill the process with the agent here.
func isolate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
