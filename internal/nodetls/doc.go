// Package nodetls protects the connections between nodes with mutual TLS: it makes certificates, keeps those of a node up
// to date with their files, and says who is at the other end.
//
// It knows nothing of the protocols on these connections; package rpc decides what a role may do.
package nodetls
