// Package limit keeps what clients use of this process below what runs, the log, the state and peers need.
//
// A port has a set of connections of bounded size: when it is full, the connection that has been silent for longest makes
// way for the new one. What is held in memory, and what one client may have in work, is counted.
package limit
