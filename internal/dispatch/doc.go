// Package dispatch decides where executions run: for one term of the leader it sends due executions to their nodes over
// one stream per node, gathers results into batches and proposes them, gives targets to launches that wait for some,
// and declares executions lost if their node is unreachable for longer than its lease.
//
// It starts from the state alone. Orders are sent again to every node that attaches; nodes recognize those they have
// seen.
package dispatch
