// Package courier composes messages of what rules have noticed, reminds of what stays open, and carries the messages to
// their channels: for one term of the leader. It keeps no truth of its own. What waits to be sent, what was composed and what
// came of it is in the state, so that a new leader goes on, with the same ids.
package courier
