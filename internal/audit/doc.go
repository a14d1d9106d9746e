// Package audit answers who changed, ran or stopped what. The records of changes are in the state, written by the log entries
// that make them. Each server keeps what only it knows: the requests that it refused, and what was done to a node without the
// log. A question is answered from both, of all servers.
package audit
