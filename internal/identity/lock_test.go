//go:build unix

package identity

import (
	"strings"
	"testing"
)

func TestADataDirectoryHasOneProcess(t *testing.T) {
	dir := t.TempDir()
	first, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("a second lock: %v", err)
	}
	first.Close()
	again, err := Lock(dir)
	if err != nil {
		t.Fatalf("after the end of the first: %v", err)
	}
	again.Close()
}
