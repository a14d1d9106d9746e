//go:build unix && !linux

package shell

import (
	"os"
	"runtime"
	"syscall"
)

func ownPeak() uint64 { return 0 }

// maxRSS returns the largest resident size of an ended process or of one that it waited for, 0 if it is not known.
func maxRSS(state *os.ProcessState, _ uint64) uint64 {
	r, ok := state.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin" || runtime.GOOS == "ios": // counts in bytes, the others in KiB
		return uint64(r.Maxrss)
	}
	return uint64(r.Maxrss) << 10
}
