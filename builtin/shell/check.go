package shell

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Check returns what is wrong with a configuration. It depends only on config, so that every node gives the same
// result; what depends on the node is checked when the command is started.
func (*Executor) Check(config map[string]string) (problems []plugin.Problem) {
	add := func(key string, s plugin.Severity, format string, args ...any) {
		problems = append(problems, plugin.Problem{Key: key, Severity: s, Text: fmt.Sprintf(format, args...)})
	}
	for _, key := range []string{"timeout", "mem_limit", "kill_grace"} {
		if _, err := parseLimits(map[string]string{key: config[key]}); err == nil {
			continue
		} else if key == "kill_grace" { // not part of the public API, unlike the others
			add(key, plugin.Hopeless, "must be a duration such as 5s, 0s or more, not %s", plugin.Shown(config[key]))
		} else {
			add(key, plugin.Invalid, "%s", err)
		}
	}
	if d, err := time.ParseDuration(config["timeout"]); err == nil && d < 0 {
		add("timeout", plugin.Odd, "%s means that there is no limit; write a positive duration such as 90s, or leave it out", d)
	}
	useShell, err := strconv.ParseBool(config["shell"])
	if config["shell"] != "" && err != nil {
		add("shell", plugin.Odd, `%s is not a boolean, using false; write "true" or "false"`, plugin.Shown(config["shell"]))
	}
	if text := checkCommand(config["command"], useShell); text != "" {
		add("command", plugin.Odd, "%s", text)
	}
	if _, err := base64.StdEncoding.DecodeString(config["payload"]); err != nil {
		add("payload", plugin.Odd, "is not base64, so every execution fails: %s", err)
	}
	if _, ignored := keys.Entries(config["env"]); len(ignored) > 0 {
		add("env", plugin.Odd, `has an entry without a name and "=", which is ignored; write NAME=value,OTHER=value, and a comma in a value as \,`)
	}
	return problems
}

// checkCommand returns what is wrong with a command, "" if nothing is.
func checkCommand(command string, useShell bool) string {
	blank := strings.TrimSpace(command) == ""
	if useShell {
		if blank {
			return "is missing, so every execution does nothing and succeeds; write the command to run"
		}
		return ""
	}
	words, err := keys.Words(command)
	switch {
	case blank || err == nil && len(words) == 0:
		return "is missing, so every execution fails; write the command to run"
	case errors.Is(err, keys.ErrCommandLine):
		return "has a quote, bracket or backslash without its end, so every execution fails; complete it, or set shell to true"
	case err != nil: // an operator
		return fmt.Sprintf("can't be run without a shell, so every execution fails: %s", err)
	}
	return ""
}
