package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// install puts the program into a folder, and gives it a name there for each plugin: links, or copies on Windows, where
// only administrators may make links. It replaces what is there by renaming, so that it works while agents use it.
func install(self, dir string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	ext := ""
	if runtime.GOOS == "windows" {
		ext = ".exe"
	}
	binary := "dkron-plugins" + ext
	here, err := sameFile(self, filepath.Join(dir, binary))
	if err != nil {
		return err
	}
	if !here {
		if err := replace(filepath.Join(dir, binary), func(path string) error { return copyFile(self, path) }); err != nil {
			return err
		}
	}
	for _, file := range files() {
		path := filepath.Join(dir, file+ext)
		err := replace(path, func(path string) error {
			if runtime.GOOS == "windows" {
				return copyFile(self, path)
			}
			return os.Symlink(binary, path)
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(out, path)
	}
	return nil
}

func sameFile(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(first, second), err
}

// replace makes a file next to path and renames it to path. Until then it has no name by which an agent would take it for a plugin.
func replace(path string, create func(path string) error) error {
	fresh := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := create(fresh); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
