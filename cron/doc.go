// Package cron is the schedule language: text in, instants out. Pure: no
// clock, no I/O.
//
// (One exception by nature: resolving a zone name reads the zone database of
// the system, or the embedded one where the system has none. Servers of one
// cluster should therefore run the same version of it.)
//
// # Language
//
//	sec min hour dom month dow     six fields separated by blanks
//	min hour dom month dow         the same with second 0
//	@yearly @annually @monthly @weekly @daily @midnight @hourly @minutely
//	@every <Go duration>           counted from the anchor, whole seconds
//	@at <RFC 3339>                 one instant
//	@after <RFC 3339> <PT2H        one instant; < and an ISO 8601 grace period
//	@manually                      never
//
// A field is a list of numbers or names, ranges a-b and steps */n, a-b/n, a/n
// (from a to the maximum); * and ? are everything. The day of the month also
// knows L (last day), L-n (n days before it), nW (the Monday to Friday nearest
// to day n, within the month) and LW; the day of the week also nL (the last
// such weekday) and n#k (the k-th one). If either day field is * or ? both
// must match, otherwise one suffices; */1 counts as *, a longer step does not.
//
// ~ is a number made from the job's name, so that jobs with the same
// schedule spread out; ~/n starts there and steps by n (see hash.go).
//
// TZ=<zone> or CRON_TZ=<zone> in front of fields or of a descriptor that is
// not about one instant overrides the zone of the job.
//
// # Daylight saving
//
// A schedule is fixed-time if its second, minute and hour fields are lists of
// plain numbers (a ~ is one): no *, ?, range or step. This is Vixie cron's
// distinction, with ranges and all steps counted as intervals, where Vixie
// looks only for a leading *.
//
// An interval schedule follows real time: it fires at each instant whose local
// time matches, hence in each real hour of a repeated one and not at a local
// time that is skipped.
//
// A fixed-time schedule fires once for each local time that matches, at the
// instant that this local time belongs to. It belongs to the first instant
// that shows it. If the clock never shows it, it belongs to the instant right
// after the first jump over it (GapAfter) or to none (GapSkip). OverlapBoth
// adds the other instants that show it. Several local times in one gap make
// one run. The same holds for a whole skipped day: the run of Friday
// 2011-12-30 in Pacific/Apia is at Saturday 00:00.
package cron
