//go:build !linux

package state

// roomFor is not known here: a copy that does not fit fails.
func roomFor(string, int64) error { return nil }
