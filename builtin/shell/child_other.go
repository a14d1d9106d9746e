//go:build !linux

package shell

func (c *child) await() { c.state, _ = c.proc.Wait() }
