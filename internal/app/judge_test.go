package app

import (
	"testing"

	"dkron"
)

func TestEachExecutorsConfigurationIsJudgedByItsOwnRules(t *testing.T) {
	for _, test := range []struct {
		executor string
		config   map[string]string
		want     dkron.Problem
	}{
		{"http", map[string]string{"method": "GET"}, dkron.Problem{
			Field: "executor_config.url", Text: "executor_config.url is empty; it must be an address such as https://example.com/path", Severity: dkron.Hopeless}},
		{"http", map[string]string{"method": "GET", "url": "http://a", "timeout": "x"}, dkron.Problem{
			Field: "executor_config.timeout", Text: `executor_config.timeout "x" is not a number of seconds, using 30; write whole seconds, such as "30"`}},
		{"shell", map[string]string{"command": "a", "timeout": "5"}, dkron.Problem{ // the public API's words
			Field: "executor_config.timeout", Text: `Error parsing job timeout value: want a duration such as 90s or 1h30m, not "5"`, Severity: dkron.Refused}},
		{"htpp", nil, dkron.Problem{Field: "executor", Text: `executor "htpp" is not one that nodes of this version have, so every execution fails; write shell or http`}},
		{"", map[string]string{"command": "a"}, dkron.Problem{Field: "executor", Text: "executor is missing, so every execution fails; write shell or http"}},
	} {
		got := judge(&dkron.Job{Executor: test.executor, ExecutorConfig: test.config})
		if len(got) != 1 || got[0] != test.want {
			t.Errorf("%s %v\n got %+v\nwant %+v", test.executor, test.config, got, test.want)
		}
	}
	if got := judge(&dkron.Job{}); got != nil {
		t.Errorf("a draft without an executor: %+v", got)
	}
	if got := judge(&exampleJob); got != nil {
		t.Errorf("the example of --dev: %+v", got)
	}
}
