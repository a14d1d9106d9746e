// Package keyring changes the keys of gossip while a cluster runs: which keys a node has, in a file that survives a restart, and how a
// server has all nodes install, use or remove one. What encrypts is the concern of package gossip.
package keyring
