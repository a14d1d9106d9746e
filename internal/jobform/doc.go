// Package jobform is the JSON form of a job: what a client may write of one, alone or in a file of many, and what it reads.
//
// An error says which field is wrong, what it is and what would be right. What a client may not write is checked for its
// type and then ignored, so that a job that was read can be sent back.
package jobform
