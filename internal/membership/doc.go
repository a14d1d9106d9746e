// Package membership decides who is a member of the cluster: which servers are in Raft's configuration and may vote, who
// is kept out, and how a node leaves.
package membership
