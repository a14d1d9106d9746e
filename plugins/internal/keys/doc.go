// Package keys is what the executors of this program share: how they read a job's configuration, what they report of it,
// and how they end.
package keys
