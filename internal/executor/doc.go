// Package executor knows the executors that nodes of this version have: how each describes itself, and what is wrong
// with the way in which a job uses one.
package executor
