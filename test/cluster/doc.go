// Package cluster runs real dkron processes on one machine, breaks them, and checks from outside whether the scheduler
// kept its promises.
//
// A test starts nodes with Start, stores probe jobs (probe.go), whose commands record when they ran, and follows the
// scheduler's own records (recorder.go). Check (checker.go) compares the two. Nothing here runs inside the product's
// process: the tests measure what a user of the binary gets.
//
// Tests that mostly wait call t.Parallel; those that load or starve this machine, or measure it, have it to themselves.
//
// Environment: DKRON_BINARY is a binary to test instead of a fresh build; DKRON_TORTURE=1 runs the long versions;
// DKRON_CLUSTER_DIR keeps data and logs of every node below that directory; DKRON_PROFILE is another gossip profile
// than local; DKRON_SEED repeats the random faults of an earlier run.
package cluster
