// Package standing says how servers stand: whether this one is ready and healthy, what an operator should notice of it,
// and what all servers of the cluster report.
package standing
