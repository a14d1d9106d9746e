package compat_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pack writes directories into an archive, each under its name. What a process leaves that runs no more is left out.
func pack(t *testing.T, to string, dirs map[string]string) {
	t.Helper()
	f, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestCompression)
	w := tar.NewWriter(z)
	for _, name := range []string{"server", "agent"} {
		if err := packDir(w, name, dirs[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func packDir(w *tar.Writer, name, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" || strings.Contains(path, "serf") {
			return err // members of that time are nowhere
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		head := &tar.Header{Name: filepath.ToSlash(filepath.Join(name, inside)), Mode: 0o600, Size: int64(len(data))}
		if err := w.WriteHeader(head); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
}

// unpack writes the directories of an archive.
func unpack(t *testing.T, from string, dirs map[string]string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		name, inside, _ := strings.Cut(head.Name, "/")
		path := filepath.Join(dirs[name], filepath.FromSlash(inside))
		data, err := io.ReadAll(r)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o700)
		}
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
