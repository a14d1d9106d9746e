//go:build unix

package limit

import "syscall"

// Descriptors returns how many file descriptors this process may have, 0 if unknown. The Go runtime has raised the soft
// limit to the hard one; commands get the original limit.
func Descriptors() uint64 {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) != nil {
		return 0
	}
	return uint64(r.Cur) //nolint:unconvert // signed on some systems
}
