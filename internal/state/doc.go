// Package state is what the log has made true: tables on an embedded database, read and written in transactions, with
// snapshots and a feed of what changed.
//
// One transaction per batch of log entries; the index of the last entry is stored in the same transaction, so that a
// restart goes on where the disk is. Keys of hot tables are numbers that grow, so that writes land beside each other.
//
//	meta        counters and the applied index
//	job         name → definition
//	progress    job number → what has become of it
//	launch      launch number → launches that have not ended
//	execution   launch number, slot → executions that have not ended
//	launched    record number → launches that have ended; a job's records are chained, newest first
//	executed    record number → executions that have ended, chained alike
//	stat        day → successes and failures
//	minute      minutes since 1970 → what ended and how late starts were, of the last day
//	version     job number, revision → definitions that were replaced
//	staged      restore, part → jobs of a large restore until all parts are there
//
// History is a log: records are only appended, and a sweep that moves along it removes what retention no longer keeps,
// at a cost in proportion to what is written. Deleting a job is therefore cheap; the sweep finds its records orphaned.
package state
