// Package limit bounds what clients use of this process, so that executions, the log, the state and peers keep enough.
//
// A port has a bounded set of connections: when it is full, the connection that has been idle longest is closed for the
// new one. Memory held by requests, and what one client has in progress, is counted.
package limit
