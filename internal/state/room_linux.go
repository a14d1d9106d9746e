package state

import (
	"fmt"
	"syscall"
)

// spaceReserve is how much a copy of the state leaves free on the disk, for the log.
const spaceReserve = 256 << 20

// roomFor returns an error if the file system of path has no room for this many more bytes.
func roomFor(path string, bytes int64) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return nil // if the free space is unknown, try
	}
	if free := int64(st.Bavail) * st.Bsize; free < bytes+spaceReserve {
		return fmt.Errorf("%w: the copy takes %d MiB, and %d MiB are kept in reserve, but only %d MiB are free", syscall.ENOSPC, bytes>>20, spaceReserve>>20, free>>20)
	}
	return nil
}
