// Package deliver gives ended executions to the processors of their jobs: it runs for one term of the leader, calls the
// processors in order, and proposes what came of each call. It keeps no truth of its own: what is still to be delivered
// is in the state, so that the next leader goes on with it. A call whose result was not recorded in time is repeated.
package deliver
