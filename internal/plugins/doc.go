// Package plugins knows which plugins the nodes have and how these are doing: what a node reports of its own, how a server
// asks all nodes, and how a plugin of any node is started afresh.
package plugins
