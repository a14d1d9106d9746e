// Package contract proves what a server promises over HTTP, against real processes: three servers and an agent that are
// started once for all tests.
//
// Every test goes in through the server that leads and through one that follows; some also through the agent, which
// hands requests on. Jobs are named for the test and the door, so tests run beside each other.
//
// Bodies in testdata/*.golden are compared without what differs from run to run; golden_test.go has the one list of
// that. go test ./test/contract -update writes them anew.
//
// statuses_test.go lists every status of every route; the package fails if no test produced it. quirks_test.go names
// the test for each quirk of the reference server that must not come back. What the server does not do yet is in
// pending_test.go and skipped; DKRON_PENDING=1 runs it all the same. With DKRON_CLUSTER_LOG=1 a failure shows the end of
// the nodes' logs; the variables of test/cluster hold here too.
package contract
