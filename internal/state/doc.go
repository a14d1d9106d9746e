// Package state is the result of the log: tables on an embedded database, read and written in transactions, with
// snapshots and a feed of changes.
//
// There is one transaction per batch of log entries. It stores the index of the last entry too, so that a restart
// continues where the disk is. Keys of hot tables are growing numbers, so that writes land next to each other.
//
//	meta        counters and the applied index
//	job         name → definition
//	progress    job number → progress
//	launch      launch number → launches that have not ended
//	execution   launch number, slot → executions that have not ended
//	launched    record number → launches that have ended; a job's records are chained, newest first
//	executed    record number → executions that have ended, chained likewise
//	stat        day → successes and failures
//	minute      minutes since 1970 → what ended and how late starts were, of the last day
//	version     job number, revision → definitions that were replaced
//	staged      restore, part → jobs of a large restore until all parts are there
//	output      record number of an execution, part → its output, if large
//	nextrun     record number → the job's next record in executed; nextlaunch: in launched
//	waste       job number → jobs with records that are no longer kept, and for deleted jobs where their records begin
//	rerun       number → requests to run many launches again
//	delivery    number → outputs and notices that are still to be delivered
//	delivered   job number → counts of its deliveries
//	channel     name → stored channel; channelstat: what came of its messages
//	rule        name → rule; silence: number → silence
//	alert       job number, rule → problems that are not over
//	waiting     channel, rule, job number, event → what is still to be sent through the channel
//	message     number → what was composed for a channel; unsent: those that are still to be sent
//
// History is a log: records are only appended. With each one a sweep removes what its job no longer keeps, from the old
// end of the job's chain. What expires all at once, as when a job is deleted, is noted and removed in bounded steps:
// some with every record written, and by log entries that the leader proposes while there is more. Compact copies the
// file to give free pages back to the file system.
package state
