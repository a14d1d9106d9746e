package compat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FormatFile is the name of the file in a data directory that says how it is written.
const FormatFile = "format.json"

// format is what is on disk.
type format struct {
	Format  uint64 `json:"format"`
	Release string `json:"dkron"` // that wrote it
}

// NewerError says that a data directory was written by a release that this one can't follow.
type NewerError struct {
	Dir     string
	Format  uint64
	Release string
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("the data directory %s was written by dkron %s in format %d, and this version, %s, knows formats up to %d. Nothing in it "+
		"was touched. Start dkron %s or newer on it, or restore a copy of it from before the upgrade", e.Dir, e.Release, e.Format, Release, Format, e.Release)
}

// CheckFormat looks at the format of a data directory before anything in it is read. Its error is a *NewerError if a newer
// version has written it. An older format, and a directory that names none, are fine.
func CheckFormat(dir string) error {
	is, err := readFormat(dir)
	if err == nil && is.Format > Format {
		return &NewerError{dir, is.Format, is.Release}
	}
	return err
}

// WriteFormat notes this build's format, once everything in the directory could be opened.
func WriteFormat(dir string) error {
	want := format{Format, Release}
	if is, err := readFormat(dir); err != nil || is == want {
		return err
	}
	data, err := json.Marshal(want)
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(dir, FormatFile), append(data, '\n')); err != nil {
		return fmt.Errorf("write the format of the data directory: %w", err)
	}
	return nil
}

func readFormat(dir string) (is format, err error) {
	path := filepath.Join(dir, FormatFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return is, nil
	}
	if err != nil {
		return is, fmt.Errorf("read the format of the data directory: %w", err)
	}
	if err := json.Unmarshal(data, &is); err != nil {
		return is, fmt.Errorf("%s is damaged: %w; if the last version that ran here was %s or older, remove it", path, err, Release)
	}
	return is, nil
}

// replace writes a file so that a crash leaves the old or the new one.
func replace(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
