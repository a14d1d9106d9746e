// Package agent runs executions on this node. It takes orders from the leader and refuses those that are late, of an
// older term or already seen; it journals each order before it starts it, streams output, and keeps each result until a
// leader confirms that a quorum has it.
package agent
