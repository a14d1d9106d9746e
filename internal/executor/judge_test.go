package executor_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"dkron"
	"dkron/builtin"
	"dkron/internal/executor"
	"dkron/plugin"
)

func builtins(t *testing.T) *executor.Catalogue {
	t.Helper()
	all := builtin.New(builtin.Options{})
	known, err := executor.KnownExecutors(all.Names(), all.ByName())
	if err != nil {
		t.Fatal(err)
	}
	return executor.NewCatalogue(known, nil)
}

func TestEachExecutorsConfigurationIsJudgedByItsOwnRules(t *testing.T) {
	c := builtins(t)
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
	} {
		got := c.Judge(&dkron.Job{Executor: test.executor, ExecutorConfig: test.config})
		if len(got) != 1 || got[0] != test.want {
			t.Errorf("%s %v\n got %+v\nwant %+v", test.executor, test.config, got, test.want)
		}
	}
}

func TestAnExecutorThatIsNotThereIsAnsweredWithThoseThatAre(t *testing.T) {
	known, err := executor.KnownExecutors([]string{"shell", "http"}, map[string]plugin.Executor{"shell": toy{}, "http": toy{}})
	if err != nil {
		t.Fatal(err)
	}
	c := executor.NewCatalogue(known, nil)
	for name, want := range map[string]string{
		"htpp": `executor "htpp" is not one that nodes of this version have, so every execution fails; write shell or http`,
		"":     "executor is missing, so every execution fails; write shell or http",
	} {
		got := c.Judge(&dkron.Job{Executor: name, ExecutorConfig: map[string]string{"command": "a"}})
		if len(got) != 1 || got[0] != (dkron.Problem{Field: "executor", Text: want}) {
			t.Errorf("%q: %+v", name, got)
		}
	}
	if got := c.Judge(&dkron.Job{}); got != nil {
		t.Errorf("a draft without an executor: %+v", got)
	}
}

func TestAKeyThatIsNotDescribedIsUnknown(t *testing.T) {
	c := builtins(t)
	for _, test := range []struct{ executor, key, want string }{
		{"shell", "Command", "is unknown and ignored; did you mean command?"},
		{"shell", "memory_limit", "is unknown and ignored"},
		{"http", "Url", "is unknown and ignored; did you mean url?"},
		{"http", "expect_code", "is unknown and ignored; did you mean expectCode?"},
		{"http", "header", "is unknown and ignored; did you mean headers?"},
		{"http", "followRedirect", "is unknown and ignored; did you mean followRedirects?"},
		{"http", "nothing-like-it", "is unknown and ignored"},
		{"http", strings.Repeat("x", 100), "is unknown and ignored"},
	} {
		got := c.Judge(&dkron.Job{Executor: test.executor, ExecutorConfig: map[string]string{
			"command": "a", "method": "GET", "url": "http://a", test.key: "x",
		}})
		found := false
		for _, p := range got {
			field := "executor_config." + strings.Trim(plugin.Shown(test.key), `"`)
			found = found || p == dkron.Problem{Field: field, Text: field + " " + test.want}
		}
		if !found {
			t.Errorf("%s: got %+v, want that %s %s", test.executor, got, test.key, test.want)
		}
	}
}

// toy is an executor with as much of the optional interfaces as a test wants.
type toy struct{}

func (toy) Execute(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
	return &plugin.ExecuteResponse{}, nil
}

type described struct {
	toy
	schema string
}

func (d described) Describe() json.RawMessage { return json.RawMessage(d.schema) }

type checked struct{ toy }

func (checked) Check(map[string]string) []plugin.Problem {
	return []plugin.Problem{{Key: "a", Text: "is odd"}}
}

func TestBothOptionalInterfacesAreOptional(t *testing.T) {
	known, err := executor.KnownExecutors([]string{"bare", "checked", "described"}, map[string]plugin.Executor{
		"bare": toy{}, "checked": checked{}, "described": described{schema: `{"$schema":"x","type":"object","properties":{"colour":{"type":"string","title":"Colour","description":"Of it."}}}`},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := executor.NewCatalogue(known, nil)
	for name, want := range map[string]string{
		"bare": "", "checked": "executor_config.a is odd", "described": "executor_config.color is unknown and ignored; did you mean colour?",
		"none": `executor "none" is not one that nodes of this version have, so every execution fails; write bare, checked or described`,
	} {
		var text []string
		for _, p := range c.Judge(&dkron.Job{Executor: name, ExecutorConfig: map[string]string{"color": "x"}}) {
			text = append(text, p.Text)
		}
		if got := strings.Join(text, "; "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestADescriptionThatIsNoJSONIsAnError(t *testing.T) {
	_, err := executor.KnownExecutors([]string{"toy"}, map[string]plugin.Executor{"toy": described{schema: "{"}})
	if err == nil || !strings.Contains(err.Error(), "executor toy") {
		t.Error(err)
	}
}
