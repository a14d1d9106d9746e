// Package executor knows this version's executors and processors: how each describes itself, and what is wrong with a
// job's use of one.
package executor
