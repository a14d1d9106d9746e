//go:build unix

package pluginhost

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
)

// bad is an executor that does all it should not.
type bad struct{}

func (bad) Describe() json.RawMessage {
	return plugin.Schema{Properties: []plugin.Property{
		{Name: "1", Title: "One.", Required: true, Advanced: true, Format: "fancy"},
		{Name: "secret", Title: "Secret", Description: "It is one.", Default: "x", Format: plugin.Password, Role: plugin.Payload},
		{Name: "zone", Title: "Zone", Description: "Where.", Default: "c", Enum: []string{"a", "b"}, Role: plugin.Payload},
	}}.JSON()
}

func (bad) Check(map[string]string) []plugin.Problem {
	time.Sleep(checkLimit + 100*time.Millisecond)
	return nil
}

func (bad) Execute(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
	os.Exit(4)
	return nil, nil
}

// tried returns what a trial of this binary under a name has found.
func tried(t *testing.T, name string, config map[string]string) (found map[string]Finding, passed bool) {
	t.Helper()
	file, err := os.Executable()
	if err == nil && name == "false" {
		file, err = exec.LookPath(name)
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(file, path); err != nil {
		t.Fatal(err)
	}
	found = make(map[string]Finding)
	trial := Trial{
		Path: path, Config: config, Job: "check", Limit: 3 * time.Second, Parallel: 3, Guard: true, Grace: 300 * time.Millisecond,
		Logger: slog.New(slog.DiscardHandler), Report: func(f Finding) { found[f.Check] = f },
	}
	passed = trial.Run(t.Context())
	for _, f := range found {
		t.Logf("%s: %s: %s", f.Check, f.Result, f.Text)
	}
	return found, passed
}

func TestATrialFindsWhatAPluginDoesWrong(t *testing.T) {
	do := func(what string) map[string]string { return map[string]string{"do": what} }
	for _, tt := range []struct {
		plugin string
		config map[string]string
		passes bool
		want   map[string]string // of some checks, the result and a part of the text
	}{
		{"dkron-executor-kit", do("nap"), true, map[string]string{
			"name": "passed jobs use it as the executor kit", "protocol": "passed ours; the plugin's version is 1.2.3", "description": "passed",
			"check": "passed it found 2 problems", "configuration": "passed", "nonsense": "passed", "execution": "passed", "output": "passed 3 bytes",
			"parallel": "passed 3 executions at once", "stop": "passed", "end": "passed it ends when the agent asks", "by hand": "passed", "trust": "passed",
		}},
		{"dkron-executor-kit", do("deaf"), false, map[string]string{
			"execution": "failed it was stopped after 3 s", "parallel": "failed one of 3 executions at once failed: the plugin did not stop",
			"stop": "failed it continued for 300 ms", "process": "warning",
		}},
		{"dkron-executor-kit", do("exit"), false, map[string]string{"execution": "failed plugin kit: its process ended (exit status 3)", "end": "skipped"}},
		{"dkron-executor-kit", map[string]string{"text": "x"}, false, map[string]string{"configuration": "failed do is missing", "execution": "failed what?"}},
		{"dkron-executor-kit", nil, true, map[string]string{"execution": "skipped give the configuration", "stop": "skipped"}},
		{"dkron-executor-old", do("whole"), true, map[string]string{
			"protocol": "passed that of Dkron v4", "description": "skipped", "check": "skipped", "nonsense": "warning an execution with an empty configuration succeeded",
			"execution": "passed", "output": "passed", "stop": "skipped v4 has none",
		}},
		{"dkron-executor-bad", nil, false, map[string]string{
			"description": "failed its description is not a sentence", "check": "failed a check took 2", "nonsense": "failed an empty configuration ended the process",
		}},
		{"dkron-executor-crash", nil, false, map[string]string{"handshake": "failed plugin crash failed to start: its process ended (exit status 7)"}},
		{"dkron-executor-garbage", nil, false, map[string]string{"by hand": "warning", "handshake": "failed plugin garbage failed to start"}},
		{"false", nil, false, map[string]string{"name": "warning an agent finds only", "by hand": "warning started by hand it ends with exit status 1", "handshake": "failed plugin false failed to start"}},
	} {
		t.Run(tt.plugin+" "+tt.config["do"], func(t *testing.T) {
			found, passed := tried(t, tt.plugin, tt.config)
			if passed != tt.passes {
				t.Errorf("passed %v", passed)
			}
			for check, want := range tt.want {
				if f := found[check]; !strings.HasPrefix(string(f.Result)+" "+f.Text, want) {
					t.Errorf("%s: %s %q, want %q", check, f.Result, f.Text, want)
				}
			}
		})
	}
}

func TestFaultsOfADescriptionAreNamedByKey(t *testing.T) {
	got := strings.Join(faults(bad{}.Describe()), "\n")
	want := strings.Join([]string{
		"its description is not a sentence that says what it does",
		"1: a browser does not keep the place of a key that is a number",
		"1: it needs a title: a noun without a full stop",
		"1: it needs a description: a sentence with a full stop",
		`1: the page knows no format "fancy"`,
		"1: it is required, so it must not be advanced: a form would hide it",
		"secret: a secret must have no default: everybody could read it",
		"zone: its default is not among its values",
		"zone: its role payload is that of secret too",
	}, "\n")
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	for schema, want := range map[string]string{
		"{":             "it is not JSON",
		`{"type": "x"}`: `its type is not "object"`,
		`{"type": "object", "description": "Does.", "required": ["a"]}`:                                                                         "a is required, but not described",
		`{"type": "object", "description": "Does.", "properties": {"a": {"type": "integer", "title": "A", "description": "One."}}}`:             `a: its type is not "string"`,
		`{"type": "object", "description": "Does.", "properties": {"a": {"type": "string", "title": "A", "description": "O.", "x-role": "x"}}}`: `a: there is no role "x"`,
	} {
		if got := strings.Join(faults([]byte(schema)), "\n"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", schema, got, want)
		}
	}
}
