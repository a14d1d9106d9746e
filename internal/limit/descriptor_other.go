//go:build !unix

package limit

// Descriptors returns how many file descriptors this process may have, 0 if that is not known.
func Descriptors() uint64 { return 0 }
