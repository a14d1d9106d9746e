package named

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
)

var kind = Kind{
	Processor: "email", Keys: []string{"host", "port", "password", "subjectPrefix"},
	Check: func(values map[string]string) (found []plugin.Problem) {
		if values["host"] == "" {
			found = append(found, plugin.Problem{Key: "host", Text: "is empty", Severity: plugin.Hopeless})
		}
		return found
	},
}

// world is a file in the second of two directories, and what is logged of it.
type world struct {
	t    *testing.T
	dir  string
	file *File
	log  strings.Builder
	at   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), at: time.Now().Add(-time.Hour)}
	w.file = Open(kind, []string{filepath.Join(w.dir, "missing"), w.dir}, slog.New(slog.NewTextHandler(&w.log, nil)))
	return w
}

// write writes the file. Its times differ.
func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	w.at = w.at.Add(time.Second)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Chtimes(path, w.at, w.at); err != nil {
		w.t.Fatal(err)
	}
}

// wantError requires that an entry can't be used, and why.
func (w *world) wantError(name string, parts ...string) {
	w.t.Helper()
	_, err := w.file.Entry(name)
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			w.t.Errorf("%s: %v, want %q", name, err, part)
		}
	}
}

func TestAFileCanComeAndChangeAndGo(t *testing.T) {
	w := newWorld(t)
	w.wantError("ops", "there is no file dkron-processor-email.yml in "+filepath.Join(w.dir, "missing")+" or "+w.dir, "create it")
	if w.log.Len() > 0 { // most nodes have none, and need none
		t.Error(w.log.String())
	}
	w.write("dkron-processor-email.yml", "ops: {host: a, port: 0587}\nOther:\n  HOST: b\n")
	for name, want := range map[string]string{"ops": "a", "other": "b"} {
		if values, err := w.file.Entry(name); err != nil || values["host"] != want {
			t.Errorf("%v, %v", values, err)
		}
	}
	if values, err := w.file.Entry("ops"); err != nil || values["port"] != "0587" {
		t.Errorf("%v, %v", values, err)
	}
	w.wantError("opps", "has no entry \"opps\"; did you mean ops?")
	w.wantError("nothing", "it has Other, ops")
	w.write("dkron-processor-email.yml", "ops: {host: c}\n")
	if values, err := w.file.Entry("ops"); err != nil || values["host"] != "c" {
		t.Errorf("%v, %v", values, err)
	}
	if n := strings.Count(w.log.String(), "configurations of a processor read"); n != 2 {
		t.Errorf("read %d times:\n%s", n, w.log.String())
	}
	if err := os.Remove(filepath.Join(w.dir, "dkron-processor-email.yml")); err != nil {
		t.Fatal(err)
	}
	w.wantError("ops", "there is no file")
	w.write("dkron-processor-email.yaml", "ops: {host: d}\n")
	if values, err := w.file.Entry("ops"); err != nil || values["host"] != "d" {
		t.Errorf("%v, %v", values, err)
	}
}

func TestMistakesAreNamedWithoutSecrets(t *testing.T) {
	for _, c := range []struct{ name, text, err, log string }{
		{"an unknown key", "ops:\n  host: a\n  pasword: s3cret\n", "", `:1: entry \"ops\": the key \"pasword\" is unknown and ignored; did you mean password?`},
		{"no YAML", "ops:\n  host: a\n  password: *s3cret\n", "it is not YAML: unknown anchor; put values with special characters in quotes", "it is not YAML"},
		{"no YAML at a line", "ops:\n  host: a\n password: 's3cret\n", "it is not YAML", "yml:"},
		{"no keys", "ops: s3cret\n", `yml:1: entry "ops" has no keys; write some below it, indented: host, port`, "has no keys"},
		{"no names", "- s3cret\n", "yml:1: want names with the keys", "want names"},
		{"a table for a text", "ops: {host: {a: s3cret}}\n", `entry "ops": host is not text`, "host is not text"},
		{"a check", "ops: {password: s3cret}\n", `entry "ops": host is empty`, "host is empty"},
		{"twice", "ops: {host: b}\nops: {host: a}\n", "", "appears twice"},
		{"an empty file", "# s3cret\n", "it is empty", ""},
		{"nothing but null", "~\n", "it is empty", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.write("dkron-processor-email.yml", c.text)
			if c.err != "" {
				w.wantError("ops", c.err)
				_, err := w.file.Entry("ops")
				if strings.Contains(err.Error(), "s3cret") {
					t.Error(err)
				}
			} else if values, err := w.file.Entry("ops"); err != nil || values["host"] != "a" {
				t.Errorf("%v, %v", values, err)
			}
			if log := w.log.String(); !strings.Contains(log, c.log) || strings.Contains(log, "s3cret") {
				t.Errorf("log: %s", log)
			}
			before := w.log.Len()
			_, _ = w.file.Entry("ops")
			if w.log.Len() != before {
				t.Errorf("said again: %s", w.log.String()[before:])
			}
		})
	}
}

func TestAFileThatOthersCanReadIsWarnedOf(t *testing.T) {
	w := newWorld(t)
	w.write("dkron-processor-email.yml", "ops: {host: a}\n")
	if err := os.Chmod(filepath.Join(w.dir, "dkron-processor-email.yml"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := w.file.Entry("ops"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(w.log.String(), "can be read by everybody on this machine") {
		t.Error(w.log.String())
	}
}
