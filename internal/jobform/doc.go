// Package jobform is the JSON form of a job: what clients write, one job or a file of many, and what they read.
//
// An error names the field, its value and what would be right. Read-only fields are type-checked and ignored, so that a
// job that was read can be sent back.
package jobform
