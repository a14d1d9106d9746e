//go:build !linux

package state

// roomFor is not implemented on this platform: a copy that does not fit fails while it is written.
func roomFor(string, int64) error { return nil }
