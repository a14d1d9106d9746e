//go:build !unix

package identity

import (
	"os"
	"path/filepath"
)

// Lock excludes no one on this platform; on a server the engines' own locks do.
func Lock(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
}
