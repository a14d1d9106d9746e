//go:build !unix

package identity

import (
	"os"
	"path/filepath"
)

// Lock does not exclude anyone here; the engines' own locks do, on a server.
func Lock(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
}
