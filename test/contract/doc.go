// Package contract proves what a server promises over HTTP, against real processes: three servers and an agent that are
// started once for all tests.
//
// Every test uses the server that leads and one that follows; some also use the agent, which forwards requests. Jobs
// are named for the test and the door, so that tests can run in parallel.
//
// Bodies in testdata/*.golden are compared without what differs from run to run; golden_test.go lists that. go test
// ./test/contract -update rewrites them.
//
// statuses_test.go lists every status of every route; the package fails if no test produced it. quirks_test.go names
// the test for each quirk of the reference server that must not come back. What the server does not do yet is in
// pending_test.go and skipped; DKRON_PENDING=1 runs it anyway. With DKRON_CLUSTER_LOG=1 a failure shows the end of the
// nodes' logs; the variables of test/cluster apply here too.
package contract
