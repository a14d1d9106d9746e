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
//	output      record number of an execution, part → its output, where that is large
//	nextrun     record number → the job's next record in executed; nextlaunch: in launched
//	waste       job number → jobs that have records which are no longer kept, and where those of deleted jobs begin
//
// History is a log: records are only appended. With each one a sweep removes what its job no longer keeps, from the old
// end of the job's chain. What comes at once, as by the deletion of a job, is noted and removed in bounded steps: some
// with every record written, and by entries of the log that the leader proposes while there is more. Free pages of the
// file are given back by copying it, see Compact.
package state
