//go:build !unix

package app

// dumpOnSignal does nothing: there is no such signal here.
func (n *Node) dumpOnSignal() {}
