//go:build linux

package shell_test

import (
	"encoding/json"
	"strings"
	"testing"

	"dkron/builtin/shell"
	"dkron/plugin"
)

func TestWhatIsRightHasNoProblems(t *testing.T) {
	used := map[string]bool{}
	for _, more := range []map[string]string{
		{"command": "true"}, {"command": "echo 'a | b' \"c; d\" $HOME"}, {"command": "a | b; c", "shell": "true"},
		{"command": "a", "timeout": "1h30m", "mem_limit": "1.5GB", "kill_grace": "0s"}, {"command": "a", "timeout": "0"},
		{"command": "a", "timeout": "", "mem_limit": "", "shell": "", "payload": "", "env": "", "kill_grace": "", "cwd": "", "su": ""},
		{"command": "a", "shell": "0", "payload": "aGVsbG8=", "env": `A=1, B=x\,y`, "cwd": "/tmp", "su": "nobody:daemon"},
	} {
		if got := shell.New(shell.Options{}).Check(more); got != nil {
			t.Errorf("%q: %v", more, got)
		}
		for key := range more {
			used[key] = true
		}
	}
	wantDescribed(t, used)
}

// The configurations that are right have every key that the executor describes, and no other.
func wantDescribed(t *testing.T, right map[string]bool) {
	t.Helper()
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(shell.New(shell.Options{}).Describe(), &schema); err != nil {
		t.Fatal(err)
	}
	for key := range right {
		if schema.Properties[key] == nil {
			t.Errorf("%s is used and not described", key)
		}
	}
	for key := range schema.Properties {
		if !right[key] {
			t.Errorf("%s is described, and no configuration here has it", key)
		}
	}
}

func TestEachProblemSaysWhatWouldBeRight(t *testing.T) {
	for _, test := range []struct {
		config   map[string]string
		key      string
		severity plugin.Severity
		want     string // the beginning of the text
	}{
		{map[string]string{"command": "a", "timeout": "10"}, "timeout", plugin.Invalid, "Error parsing job timeout value: want a duration"},
		{map[string]string{"command": "a", "timeout": "1d"}, "timeout", plugin.Invalid, "Error parsing job timeout value: want a duration"},
		{map[string]string{"command": "a", "mem_limit": "10 MB"}, "mem_limit", plugin.Invalid, "Error parsing job memory limit value: "},
		{map[string]string{"command": "a", "kill_grace": "5"}, "kill_grace", plugin.Hopeless, `must be a duration such as 5s, 0s or more, not "5"`},
		{map[string]string{"command": "a", "timeout": "-1s"}, "timeout", plugin.Odd, "-1s means that there is no limit"},
		{nil, "command", plugin.Odd, "is missing, so every execution fails"},
		{map[string]string{"command": " "}, "command", plugin.Odd, "is missing, so every execution fails"},
		{map[string]string{"command": " ", "shell": "1"}, "command", plugin.Odd, "is missing, so every execution does nothing and succeeds"},
		{map[string]string{"command": "a | b"}, "command", plugin.Odd, `can't be run without a shell, so every execution fails: shell operator "|" in command, set shell=true`},
		{map[string]string{"command": "echo 'a"}, "command", plugin.Odd, "has a quote, bracket or backslash without its end, so every execution fails"},
		{map[string]string{"command": "a", "shell": "yes"}, "shell", plugin.Odd, `"yes" is not a boolean, using false; write "true" or "false"`},
		{map[string]string{"command": "a", "payload": "%"}, "payload", plugin.Odd, "is not base64, so every execution fails: illegal base64 data at input byte 0"},
		{map[string]string{"command": "a", "env": "A=1,s3cret"}, "env", plugin.Odd, `has an entry without a name and "=", which is ignored; write NAME=value`},
	} {
		got := shell.New(shell.Options{}).Check(test.config)
		if len(got) != 1 || got[0].Key != test.key || got[0].Severity != test.severity || !strings.HasPrefix(got[0].Text, test.want) {
			t.Errorf("%q\n got %+v\nwant %q", test.config, got, test.want)
		}
		if len(got) > 0 && strings.Contains(got[0].Text, "s3cret") {
			t.Errorf("a secret is shown: %s", got[0].Text)
		}
	}
}

// What Check says must be what happens.
func TestWhatCheckCallsAFailureFails(t *testing.T) {
	for _, config := range []map[string]string{
		nil, {"command": " "}, {"command": "true | true"}, {"command": "true 'a"}, {"command": "true", "payload": "%"},
		{"command": "true", "timeout": "1"}, {"command": "true", "mem_limit": "x"}, {"command": "true", "kill_grace": "5"},
	} {
		got := shell.New(shell.Options{}).Check(config)
		said := len(got) == 1 && (got[0].Severity != plugin.Odd || strings.Contains(got[0].Text, "every execution fails"))
		if r := execute(t, config); !said || r.err == nil {
			t.Errorf("%q: %v, %+v", config, got, r)
		}
	}
	if r := execute(t, map[string]string{"command": " ", "shell": "1"}); r.err != nil || r.Error != "" {
		t.Errorf("%+v", r)
	}
}
