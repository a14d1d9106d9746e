//go:build !linux

package cluster

import "os/exec"

// start starts cmd. Only Linux can tie its life to ours.
func start(cmd *exec.Cmd) error { return cmd.Start() }
