// Package consensus orders entries and feeds a Machine.
//
// It is the only package that imports hashicorp/raft, and none of raft's types show in its API. What it adds to raft:
//
//   - a Machine with durable state of its own is never fed an entry twice (fsm.go), not even after a recovery;
//   - terms: one context per leadership, handed out when everything before it has been applied (term.go);
//   - errors that keep “refused” and “outcome unknown” apart (errors.go);
//   - a log that is checked when it is opened, carries a checksum per entry and refuses writes before the disk is so
//     full that the libraries below can no longer recover without a restart (logstore.go, space.go);
//   - the first configuration of a cluster is settled among the servers themselves (bootstrap.go).
package consensus
