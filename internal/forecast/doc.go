// Package forecast says what is due, when and where: the due times of many jobs in order, how many there are in each
// minute, what is to come of one job, and its schedule in words.
//
// It reads the index of jobs and the schedule language, never the state: its answers are about the future alone. What
// would take too long ends early and says so.
package forecast
