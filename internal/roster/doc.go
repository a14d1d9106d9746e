// Package roster describes who is in the cluster: members as gossip shows them, what a node publishes about itself in
// its tags, and servers as Raft's configuration has them.
package roster
