// Package roster has the words for who is in the cluster: members as gossip shows them, what a node says of itself in
// its tags, and servers as Raft's configuration has them.
package roster
