//go:build unix

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPluginCheckReportsWhatItFoundAndFails(t *testing.T) {
	dir := t.TempDir()
	plugin := filepath.Join(dir, "dkron-executor-script")
	if err := os.WriteFile(plugin, []byte("#!/bin/sh\necho no license >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	code, out, errs := dkron("plugin", "check", plugin)
	if code != 1 || !strings.Contains(out, "✓ name           jobs use it as the executor script\n") || !strings.Contains(out, "\n✗ handshake      plugin script failed to start: ") ||
		!strings.Contains(errs, "did not pass") {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
	_, out, _ = dkron("plugin", "check", "-o", "json", plugin)
	var report struct {
		Plugin string
		Passed bool
		Checks []struct{ Check, Result, Text string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.Plugin != plugin || report.Passed || len(report.Checks) < 4 ||
		report.Checks[0].Check != "name" || report.Checks[0].Result != "passed" {
		t.Errorf("%v: %+v in %s", err, report, out)
	}
	if _, _, errs = dkron("plugin", "check", "-v", plugin); !strings.Contains(errs, "no license") {
		t.Errorf("-v shows %s", errs)
	}
}

func TestPluginCheckTakesItsConfigurationFromAJobAndFlags(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	f := trial{job: write("job.json", `{"name": "greet", "schedule": "@manually", "executor_config": {"name": "a", "pause": "1s"}}`), config: []string{"name=b=c,d"}}
	job, config, err := f.execution(nil, "dkron-executor-hello")
	if err != nil || job != "greet" || len(config) != 2 || config["name"] != "b=c,d" || config["pause"] != "1s" {
		t.Errorf("%s, %v, %v", job, config, err)
	}
	if _, config, err = (&trial{}).execution(nil, "dkron-executor-hello"); config != nil || err != nil {
		t.Errorf("%v, %v", config, err)
	}
	f = trial{job: "-"}
	if job, config, err = f.execution(strings.NewReader(`{"executor_config": {}}`), "dkron-executor-hello"); job != "check" || config == nil || err != nil {
		t.Errorf("%s, %v, %v", job, config, err)
	}
	f = trial{job: write("processors.json", `{"name": "copy", "executor_config": {"command": "x"}, "processors": {"note": {"file": "/f"}, "log": {}}}`)}
	if job, config, err = f.execution(nil, "/p/dkron-processor-note"); job != "copy" || len(config) != 1 || config["file"] != "/f" || err != nil {
		t.Errorf("%s, %v, %v", job, config, err)
	}
	if _, _, err = f.execution(nil, "/p/dkron-processor-fluent"); err == nil || !strings.Contains(err.Error(), `the job has no processor "fluent"`) {
		t.Errorf("%v", err)
	}
	for says, args := range map[string][]string{
		`must be KEY=VALUE`:              {"--config", "name", "x"},
		"--job: ":                        {"--job", filepath.Join(dir, "missing"), "x"},
		"the job has no executor_config": {"--job", write("empty.json", "{}"), "x"},
		"must be text or json":           {"-o", "xml", "x"},
		"must be more than zero":         {"--parallel", "0", "x"},
		"it takes the file of one":       {},
	} {
		if code, _, errs := dkron(append([]string{"plugin", "check"}, args...)...); code != 1 || !strings.Contains(errs, says) {
			t.Errorf("%q: code %d, %s", args, code, errs)
		}
	}
}
