// Package history reads the past: the launches and executions of a job, pages of those of all jobs, and statistics.
//
// It reads the state in a transaction of the caller and changes nothing. Lists start with what has not ended.
package history
