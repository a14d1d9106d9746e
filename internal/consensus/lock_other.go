//go:build !unix

package consensus

import (
	"os"
	"path/filepath"
)

// lockDir does not exclude anyone here; the engines' own locks do.
func lockDir(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
}
