//go:build unix

package pluginhost

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestPluginsAreFoundByNameAndTheLastFolderWins(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for _, name := range []string{"dkron-executor-my-thing", "dkron-executor-x.exe", "dkron-processor-files", "dkron-executor-", "dkron-shipper-y", "dkron", "executor-z", "dkron-processor-email.yml", "dkron-processor-slack.yaml"} {
		write(t, filepath.Join(first, name), 0o755)
	}
	if err := os.Mkdir(filepath.Join(first, "dkron-executor-folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(second, "dkron-executor-x"), 0o755)
	found, problems := find([]string{first, filepath.Join(first, "missing"), second})
	if len(problems) != 0 {
		t.Errorf("problems %v", problems)
	}
	var got []string
	for _, f := range found {
		if f.refused != nil {
			t.Errorf("%s: %v", f.path, f.refused)
		}
		got = append(got, string(f.kind)+" "+f.name+" "+filepath.Base(filepath.Dir(f.path)))
	}
	want := []string{"executor my-thing " + filepath.Base(first), "executor x " + filepath.Base(second), "processor files " + filepath.Base(first)}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestAFileThatOthersCouldReplaceIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dkron-executor-x")
	write(t, path, 0o755)
	link := filepath.Join(t.TempDir(), "dkron-executor-x")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		file, dir os.FileMode
		path      string
		want      string // empty: it is trusted
	}{
		{"only we may write", 0o755, 0o755, path, ""},
		{"a link to it", 0o755, 0o755, link, ""},
		{"everybody may write the file", 0o757, 0o755, path, "everybody may write " + path},
		{"everybody may write the folder", 0o755, 0o777, path, "everybody may write " + dir},
		{"everybody may write the folder that a link leads to", 0o755, 0o777, link, "everybody may write " + dir},
		{"everybody may add to the folder, but replace nothing", 0o755, 0o777 | os.ModeSticky, path, "others may add files to " + dir + ": move the plugin"},
		{"it is not executable", 0o644, 0o755, path, "is not executable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.Chmod(path, tt.file); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, tt.dir); err != nil {
				t.Fatal(err)
			}
			err := trust(tt.path)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestFoldersOfPlugins(t *testing.T) {
	if got := Dirs("", "/usr/bin/nothing/dkron"); !slices.Equal(got, []string{"/etc/dkron/plugins", "/usr/bin/nothing"}) {
		t.Errorf("without a configuration file: %q", got)
	}
	if got := Dirs("/opt/dkron", ""); !slices.Equal(got, []string{"/opt/dkron/plugins"}) {
		t.Errorf("with one: %q", got)
	}
}
