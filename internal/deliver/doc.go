// Package deliver gives ended executions to the processors of their jobs, and sends notices of those that start and end
// through channels: it runs for one term of the leader, makes the calls in order, and proposes what came of each. It keeps no truth of its
// own: what is still to be delivered is in the state, so that the next leader goes on with it. A call whose result was not
// recorded in time is repeated.
//
// A processor with on: node is called on the node that ran the execution: the leader calls the node, where a Node has the
// whole output.
package deliver
