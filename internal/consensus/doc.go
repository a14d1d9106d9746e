// Package consensus orders entries and feeds a Machine.
//
// It is the only package that imports hashicorp/raft, and none of raft's types show in its API. What it adds to raft:
//
//   - a Machine with durable state of its own is never given an entry twice (fsm.go), not even after a recovery;
//   - terms: one context per leadership, available when everything before it has been applied (term.go);
//   - errors that distinguish “refused” from “outcome unknown” (errors.go);
//   - a log that is checked when opened, has a checksum per entry, and refuses writes before the disk is so full that the
//     libraries below could only recover by a restart (logstore.go, space.go);
//   - the first configuration of a cluster is agreed among the servers themselves (bootstrap.go).
package consensus
