// Package dkron is the vocabulary of the scheduler: jobs, launches, executions and nodes, and the rules about them that
// need no clock, disk or network. One file per word:
//
//   - job.go: a job's definition
//   - progress.go: what changes with every run of a job
//   - launch.go: one firing of a job
//   - execution.go: one attempt of a launch on one node
//   - node.go: a member of the cluster
//   - target.go: which nodes a job runs on
//   - validate.go: what makes a job acceptable
//   - problem.go: what is doubtful about an acceptable job
//   - error.go: the kinds of errors
//
// Instants and random numbers are arguments here. Every type has a Fields method, which defines its form in the log, on
// disk and on the wire.
package dkron
