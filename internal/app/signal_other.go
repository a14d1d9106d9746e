//go:build !unix

package app

// dumpOnSignal does nothing: this system has no such signal.
func (n *Node) dumpOnSignal() {}
