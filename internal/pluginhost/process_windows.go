package pluginhost

import (
	"os"
	"os/exec"
)

func isolate(*exec.Cmd) {}

// killGroup ends the process alone: there are no process groups here.
func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}
