// Package index is every job in memory: enough of each to filter, sort and schedule by, and which launches have not ended.
//
// The state fills it, at its start and after each commit; the index never reads the state. A list of 100,000 jobs is
// filtered and sorted in milliseconds: jobs are kept on shelves in order of name, entries are small and never changed, and only
// the part of a list that is shown is sorted.
package index
