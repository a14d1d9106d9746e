//go:build !linux

package consensus

// roomIn is not known here; a full disk is met when the write fails.
func roomIn(string) error { return nil }

func isNoSpace(error) bool { return false }
