// Package trialtest tries plugins in the tests of their modules, as dkron plugin check does.
package trialtest

import (
	"log/slog"
	"testing"
	"time"

	"dkron/internal/pluginhost"
)

// Passes fails the test if the plugin at path does not pass its check: with executions, if there is a configuration for one. guard
// says that the test's own program can be a guard; see pluginhost.Guard.
func Passes(t *testing.T, path string, guard bool, config map[string]string) {
	t.Helper()
	found := make(map[string]pluginhost.Result)
	trial := pluginhost.Trial{
		Path: path, Config: config, Job: "check", Limit: time.Minute, Parallel: 3, Guard: guard, Grace: 10 * time.Second,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Report: func(f pluginhost.Finding) {
			t.Logf("%s: %s: %s", f.Check, f.Result, f.Text)
			found[f.Check] = f.Result
		},
	}
	if !trial.Run(t.Context()) {
		t.Error("it does not pass")
	}
	must := []string{"handshake", "description", "check", "by hand", "end"}
	if config != nil {
		must = append(must, "configuration", "execution", "output", "parallel")
	}
	for _, check := range must {
		if found[check] != pluginhost.Passed {
			t.Errorf("%s: %q", check, found[check])
		}
	}
}
