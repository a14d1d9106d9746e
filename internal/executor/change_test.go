package executor_test

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/builtin"
	"dkron/internal/executor"
)

func catalogue(t *testing.T) *executor.Catalogue {
	t.Helper()
	all := builtin.New(builtin.Options{})
	t.Cleanup(all.Close)
	known, err := executor.KnownExecutors(all.Names(), all.ByName())
	if err != nil {
		t.Fatal(err)
	}
	return executor.NewCatalogue(known, nil)
}

func TestALaunchsEnvironmentIsAddedToTheJobs(t *testing.T) {
	c := catalogue(t)
	for _, x := range []struct {
		job  string
		env  map[string]string
		want string
	}{
		{"", map[string]string{"A": "1"}, "A=1"},
		{"A=1,B=2", map[string]string{"B": "3", "C": "x,y"}, `A=1,B=3,C=x\,y`},
		{`A=x\,y, B=2`, map[string]string{"B": "3"}, `A=x\,y,B=3`},
		{`A=1,B=c:\`, map[string]string{"C": "3"}, `A=1,C=3,B=c:\`},
		{`A=1,B=c:\`, map[string]string{"B": "3"}, `A=1,B=3`},
		{"A=1", map[string]string{"A": `x\,y`}, `A=x\\,y`},
	} {
		j := &dkron.Job{Executor: "shell", ExecutorConfig: map[string]string{"command": "true"}}
		if x.job != "" {
			j.ExecutorConfig["env"] = x.job
		}
		was := maps.Clone(j.ExecutorConfig)
		config, err := c.Configure(j, &dkron.Launch{Change: &dkron.Change{Env: x.env}})
		if err != nil || config["env"] != x.want || config["command"] != "true" {
			t.Errorf("%q with %v: %q, %v, want %q", x.job, x.env, config["env"], err, x.want)
		}
		if !maps.Equal(was, j.ExecutorConfig) {
			t.Error("the job's configuration was changed")
		}
	}
}

func TestALaunchsPayloadReplacesTheJobs(t *testing.T) {
	c, change := catalogue(t), &dkron.Change{Payload: &dkron.Payload{Text: "hello"}}
	for name, want := range map[string]map[string]string{
		"shell": {"payload": base64.StdEncoding.EncodeToString([]byte("hello"))}, "http": {"body": "hello"},
	} {
		for key, value := range want {
			config, err := c.Configure(&dkron.Job{Executor: name}, &dkron.Launch{Change: change})
			if err != nil || config[key] != value {
				t.Errorf("%s: %v, %v", name, config, err)
			}
		}
	}
}

func TestALaunchThatRunsAnotherAgainTellsItsCommandSo(t *testing.T) {
	l := &dkron.Launch{RerunOf: "a.5", RerunDue: time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)}
	config, err := catalogue(t).Configure(&dkron.Job{Executor: "shell"}, l)
	if want := "DKRON_RERUN_OF=a.5,DKRON_RERUN_SCHEDULED_AT=2026-11-28T02:00:00Z"; err != nil || config["env"] != want {
		t.Errorf("%v, %v", config, err)
	}
	if config, err = catalogue(t).Configure(&dkron.Job{Executor: "http"}, l); err != nil || len(config) != 0 {
		t.Errorf("http: %v, %v", config, err)
	}
}

func TestAnExecutorWithoutEnvironmentRefusesOneByName(t *testing.T) {
	c := catalogue(t)
	env := &dkron.Change{Env: map[string]string{"A": "1"}}
	for _, name := range []string{"http", "kafka"} {
		if err := c.Suits(name, env); err == nil || !strings.Contains(err.Error(), "env") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.Configure(&dkron.Job{Executor: name}, &dkron.Launch{Change: env}); err == nil {
			t.Errorf("%s was configured", name)
		}
	}
	if err := c.Suits("shell", env); err != nil {
		t.Error(err)
	}
	if err := c.Suits("kafka", nil); err != nil {
		t.Error(err)
	}
}
