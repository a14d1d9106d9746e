// Package dispatch decides where: it runs for one term of the leader, hands the executions that are due to their nodes
// over one stream per node, gathers results into batches and proposes them, gives targets to launches that wait for
// some, and declares executions lost whose node is gone for longer than its lease.
//
// It begins with the state alone. Orders are sent again to every node that attaches; nodes know what they have seen.
package dispatch
