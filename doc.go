// Package dkron is the vocabulary of the scheduler: jobs, launches, executions and nodes, and the rules about them that
// need no clock, disk or network. One file per word:
//
//   - job.go: a job's definition
//   - validate.go: what makes a job acceptable
//   - problem.go: what is doubtful about an acceptable job
//   - target.go: which nodes a job runs on
//   - parent.go: after which jobs a job runs
//   - retry.go: when and where a failed execution is tried again
//   - retention.go: how much history is kept
//   - progress.go: what changes with every run of a job
//   - due.go: what is decided about an instant that has come
//   - decided.go: which instants have been decided
//   - launch.go: one firing of a job
//   - change.go: how one launch differs from its job's definition
//   - ended.go: what a job's progress keeps of ended launches
//   - rerun.go: a request to run many ended launches again
//   - checkin.go: what is reported of a job that dkron does not run
//   - execution.go: one attempt of a launch on one node
//   - delivery.go: outputs and notices that are still to be delivered
//   - notice.go: what people are notified of, and through which channels
//   - channel.go: a stored way to reach people
//   - rule.go: what people are notified of, for which jobs, and when
//   - rule_check.go: what channels, rules and silences must be, and which jobs match
//   - overdue.go: when a launch is late or runs long, and what rules notice of that
//   - objective.go: what people expect of a job
//   - alert.go: what rules noticed, and the messages that are made of it
//   - letter.go: a notice that the settings' channels could not send
//   - reason.go: why an execution failed, in a line for people
//   - output.go: what an execution printed, within bounds
//   - plain.go: output without what only terminals understand
//   - order.go: what the leader and a node send each other
//   - node.go: a member of the cluster
//   - load.go: how busy a node is
//   - restore.go: what a restore of jobs would do
//   - actor.go: who makes a request
//   - audit.go: who changed what, from where, and when
//   - policy.go: the policies and tokens of access control
//   - secret.go: a value that jobs and channels refer to, sealed
//   - session.go: a browser in which somebody is signed in, and the person that a provider has named
//   - error.go: the kinds of errors
//
// Instants and random numbers are arguments here. What is stored or sent has a Fields method, which defines its form in the
// log, on disk and on the wire.
package dkron
