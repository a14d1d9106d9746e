// Package forecast computes what is due, when and where: the due times of many jobs in order, their number per minute,
// the preview of one job, and its schedule in words.
//
// It reads the index of jobs and the schedule language, never the state: it looks only ahead. A computation that would
// take too long ends early and reports that.
package forecast
