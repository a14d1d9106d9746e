//go:build !linux

package consensus

// roomIn is not implemented on this platform; with a full disk the write fails.
func roomIn(string) error { return nil }

func isNoSpace(error) bool { return false }
