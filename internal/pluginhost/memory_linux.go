package pluginhost

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// residentOfGroups returns the resident bytes of each process group. Memory that processes share counts for each.
func residentOfGroups() map[int]uint64 {
	out := make(map[int]uint64)
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	page := uint64(os.Getpagesize())
	for _, d := range dirs {
		if name := d.Name(); name[0] < '0' || name[0] > '9' {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", d.Name(), "stat"))
		if err != nil {
			continue // it has ended
		}
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // from the third on; see proc_pid_stat(5)
		if len(fields) < 22 {
			continue
		}
		group, _ := strconv.Atoi(string(fields[2]))
		pages, _ := strconv.ParseUint(string(fields[21]), 10, 64)
		out[group] += pages * page
	}
	return out
}
