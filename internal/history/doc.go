// Package history finds what has happened: the launches and executions of a job, pages of those of all jobs, and what
// they come to in figures.
//
// It reads the state within a transaction of the caller and changes nothing. Lists have what has not ended first.
package history
