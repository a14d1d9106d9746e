package identity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dkron/internal/compat"
)

func TestADataDirectoryIsMadeLockedAndLeftClean(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "data")
	d, err := OpenDir(path, quiet)
	if err != nil || d.Path != path {
		t.Fatal(d, err)
	}
	if names, err := os.ReadDir(path); err != nil || len(names) > 1 { // the lock, where there is one
		t.Errorf("%v, %v", names, err)
	}
	d.Close()
	if d, err = OpenDir(path, quiet); err != nil {
		t.Fatalf("again: %v", err)
	}
	d.Close()
	if _, err := os.Stat(path); err != nil {
		t.Error("Close deleted what is not temporary:", err)
	}
}

func TestATemporaryDataDirectoryIsDeleted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d, err := OpenDir("", quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(d.Path); err != nil {
		t.Error(err)
	}
	d.Close()
	if _, err := os.Stat(d.Path); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", d.Path, err)
	}
}

func TestADataDirectoryThatIsOfNoUseIsRefusedInWords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(file, quiet); err == nil || !strings.Contains(err.Error(), "can't be written") || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("a file: %v", err)
	}
	newer := t.TempDir()
	if err := os.WriteFile(filepath.Join(newer, compat.FormatFile), []byte(`{"format":77,"dkron":"7.0.0"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first refusal lets go of the lock
		if _, err := OpenDir(newer, quiet); err == nil || !strings.Contains(err.Error(), "Start dkron 7.0.0 or newer") {
			t.Errorf("written by a newer version: %v", err)
		}
	}
}
