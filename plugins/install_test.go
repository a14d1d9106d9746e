package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestTheNameOfTheFileChoosesThePlugin(t *testing.T) {
	for arg0, want := range map[string]string{
		"/etc/dkron/plugins/dkron-executor-kafka": "dkron-executor-kafka", "dkron-executor-nats.exe": "dkron-executor-nats", "./dkron-executor-my-own": "dkron-executor-my-own",
		"/x/dkron-processor-fluent": "dkron-processor-fluent",
		"dkron-plugins":             "", "/x/dkron-executor-y/dkron-plugins": "", "dkron-plugins_0.3.0_linux_amd64": "",
	} {
		if got, ok := pluginFile(arg0); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q %t, want %q", arg0, got, ok, want)
		}
	}
}

func TestInstallGivesEveryPluginAFileAndReplacesWhatWasThere(t *testing.T) {
	self := filepath.Join(t.TempDir(), "dkron-plugins_0.3.0_linux_amd64")
	dir := filepath.Join(t.TempDir(), "plugins")
	for _, text := range []string{"first", "second"} { // an upgrade
		if err := os.WriteFile(self, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := install(self, dir, &out); err != nil {
			t.Fatal(err)
		}
		ext := ""
		if runtime.GOOS == "windows" {
			ext = ".exe"
		}
		for _, file := range files() {
			path := filepath.Join(dir, file+ext)
			if got, err := os.ReadFile(path); string(got) != text || !bytes.Contains(out.Bytes(), []byte(path+"\n")) {
				t.Errorf("%s has %q, %v; want %q\n%s", path, got, err, text, &out)
			}
		}
	}
	// From its own folder it makes only the names.
	if err := install(filepath.Join(dir, "dkron-plugins"), dir, new(bytes.Buffer)); runtime.GOOS != "windows" && err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(files())+1 {
		t.Errorf("%v %v", entries, err)
	}
}

func TestWhoCallsItWronglyLearnsHow(t *testing.T) {
	for _, args := range [][]string{{"install"}, {"install", "a", "b"}, {"run"}, {"describe", "x"}} {
		var out, errs bytes.Buffer
		if code := command(args, &out, &errs); code != 2 || out.Len() > 0 || !bytes.Contains(errs.Bytes(), []byte("install FOLDER")) {
			t.Errorf("%q: exit code %d\n%s\n%s", args, code, &out, &errs)
		}
	}
	for _, args := range [][]string{nil, {"help"}, {"--help"}, {"version"}, {"describe"}} {
		var out, errs bytes.Buffer
		if code := command(args, &out, &errs); code != 0 || out.Len() == 0 || errs.Len() > 0 {
			t.Errorf("%q: exit code %d\n%s\n%s", args, code, &out, &errs)
		}
	}
}
