// Package jobfile reads a file of jobs, in JSON or YAML, and knows the line and column of each of its parts. What is wrong
// with the text of one job does not hide the others.
package jobfile
