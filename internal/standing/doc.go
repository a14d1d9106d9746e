// Package standing reports how servers are doing: whether this one is ready and healthy, what an operator should know
// about it, and what all servers of the cluster report.
package standing
