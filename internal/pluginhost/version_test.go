package pluginhost

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestAVersionIsReadAsTheStandardLibraryDoes(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no program is at hand that Go was built with")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{tool, self} {
		about, err := buildinfo.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := about.Main.Version
		if want == "(devel)" {
			want = ""
		}
		if got := versionIn(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	head := make([]byte, buildHead)
	copy(head, buildMark+"\x08\x02")
	marked := append(append(head, 2, 'g', 'o', 50), "0123456789abcdefmod\tx\tv1.2.3\th1:0\n0123456789abcdef"...)
	marked[buildHead+3] = byte(len(marked) - buildHead - 4)
	for text, want := range map[string]string{
		string(marked): "v1.2.3", buildMark + "in a text" + string(marked): "v1.2.3", string(marked[:len(marked)-1]): "", "#!/bin/sh": "", buildMark: "",
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := versionIn(path); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if versionIn("/no/such/file") != "" {
		t.Error("a version of nothing")
	}
}
