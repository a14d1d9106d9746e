//go:build unix

package state

import "os"

// directory is an open directory, whose entries can be synced to disk.
type directory struct{ *os.File }

func openDir(path string) (directory, error) {
	f, err := os.Open(path)
	return directory{f}, err
}
