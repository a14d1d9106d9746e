package consensus

import (
	"errors"
	"fmt"
	"syscall"
)

// roomIn returns an error while the file system of path has less free space than the reserve. It costs a microsecond.
func roomIn(path string) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return nil // if the free space is unknown, try
	}
	if free := st.Bavail * uint64(st.Bsize); free < spaceReserve {
		return fmt.Errorf("%w: %d MiB free, %d MiB are kept in reserve", syscall.ENOSPC, free>>20, spaceReserve>>20)
	}
	return nil
}

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
