package vitals

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheTightestLimitOfAContainerCounts(t *testing.T) {
	root := t.TempDir()
	write := func(dir, file, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := limitsOf(root, "/pod/box"); got != (limits{}) {
		t.Errorf("without files: %+v", got)
	}
	write("pod", "memory.max", "1000\n")
	write("pod", "memory.current", "900\n")
	write("pod", "memory.stat", "anon 500\ninactive_file 300\n")
	write("pod/box", "memory.max", "max\n")
	write("pod/box", "cpu.max", "50000 100000\n")
	write("pod/box", "cpu.stat", "usage_usec 2500000\nuser_usec 1\n")
	write("pod", "cpu.max", "max 100000\n")
	if got, want := limitsOf(root, "/pod/box"), (limits{cpus: 0.5, busy: 2.5, size: 1000, used: 600}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := limitsOf(root, "/../../etc"); got != (limits{}) {
		t.Errorf("outside: %+v", got)
	}
}
