package identity

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"dkron/internal/compat"
)

// Dir is a data directory that this process alone uses.
type Dir struct {
	Path      string
	temporary bool
	lock      *os.File
}

// OpenDir makes a data directory ready: it creates it, checks that it can be written, locks it and looks at the format
// of what is in it. Without a path it makes a temporary one, which Close deletes.
func OpenDir(path string, log *slog.Logger) (*Dir, error) {
	d := &Dir{Path: path}
	if path == "" {
		var err error
		if d.Path, err = os.MkdirTemp("", "dkron-dev-"); err != nil {
			return nil, fmt.Errorf("create a data directory: %w", err)
		}
		d.temporary = true
		log.Info("temporary data directory; deleted at exit", "dir", d.Path)
	}
	if err := d.open(); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Dir) open() (err error) {
	probe := filepath.Join(d.Path, ".probe")
	if err = os.MkdirAll(d.Path, 0o700); err == nil {
		err = os.WriteFile(probe, nil, 0o600)
	}
	if err != nil {
		return fmt.Errorf("data directory %s can't be written: %w; fix its permissions or choose another --data-dir", d.Path, err)
	}
	if err := os.Remove(probe); err != nil {
		return err
	}
	if d.lock, err = Lock(d.Path); err != nil { // before reading: a second process would end the executions of the first
		return err
	}
	return compat.CheckFormat(d.Path)
}

// Close lets other processes use the directory.
func (d *Dir) Close() {
	if d.lock != nil {
		d.lock.Close()
	}
	if d.temporary {
		os.RemoveAll(d.Path)
	}
}
