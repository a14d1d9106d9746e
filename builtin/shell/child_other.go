//go:build !linux

package shell

import "os"

func (c *child) await() { c.state, _ = c.proc.Wait() }

func openExit(int) *os.File { return nil }
