// Package dkron is the vocabulary of the scheduler: what a job, a launch, an execution and a node are, and the rules
// that can be told without a clock, a disk or a network. One file per word:
//
//   - job.go: a definition, and Progress, what has become of it
//   - launch.go: one firing of a job
//   - execution.go: one attempt of a launch on one node
//   - node.go: a member of the cluster
//   - target.go: which nodes a job runs on
//   - validate.go: what makes a job acceptable
//   - problem.go: what is doubtful about a job that is acceptable
//   - error.go: the kinds of errors
//
// Instants and random numbers are arguments here. Everything has a Fields method, which is how it is written to the
// log, to disk and to other nodes.
package dkron
