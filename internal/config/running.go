package config

import (
	"errors"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"dkron/internal/reach"
)

var (
	userOrGroup = regexp.MustCompile(`^[^\s:]+(:[^\s:]+)?$`)
	variable    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// validateRunning checks what this node allows to jobs. A list that protects must never allow more than it seems to.
func (c *Config) validateRunning() (problems []error) {
	for _, list := range []struct {
		name   string
		values []string
		what   string // an empty list would have
		ok     func(string) bool
		want   string
	}{
		{"allow-executors", c.AllowExecutors, "the executors that may run here", func(v string) bool { return plainName.MatchString(v) }, "the name of an executor, such as shell"},
		{"shell-allow-su", c.ShellAllowSU, "the users that commands may run as", userOrGroup.MatchString, "user or user:group as jobs write it"},
		{"shell-allow-commands", c.ShellAllowCommands, "the programs that may be started", isProgram, "an absolute path such as /usr/local/bin/backup, or a pattern such as /opt/jobs/*, without . and .."},
		{"shell-allow-dirs", c.ShellAllowDirs, "the directories in which commands may start", filepath.IsAbs, "an absolute path such as /srv/jobs"},
		{"shell-allow-env", c.ShellAllowEnv, "the variables that jobs may set", isVariables, "the name of a variable, such as STAGE, or a pattern such as APP_*"},
	} {
		if c.IsSet(list.name) && len(list.values) == 0 {
			problems = append(problems, c.problem(list.name, "it is empty; write %s, or leave it out to allow all", list.what))
		}
		for _, v := range list.values {
			if !list.ok(v) {
				problems = append(problems, c.problem(list.name, "want %s, not %q", list.want, v))
			}
		}
	}
	for _, v := range c.PassEnv {
		if !variable.MatchString(v) {
			problems = append(problems, c.problem("pass-env", "want the name of a variable, such as DKRON_REGION, not %q", v))
		}
	}
	if _, err := c.Reach(); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// isProgram reports whether a text is a path of a program, or a pattern of some.
func isProgram(text string) bool {
	_, err := filepath.Match(text, "")
	return err == nil && filepath.IsAbs(text) && text == filepath.Clean(text) && text != filepath.Dir(text)
}

// isVariables reports whether a text is the name of a variable, or a pattern of some.
func isVariables(text string) bool {
	_, err := path.Match(text, "")
	return err == nil && !strings.ContainsAny(text, "= \t")
}

// Reach returns which addresses this node calls.
func (c *Config) Reach() (*reach.Policy, error) {
	const deny, allow = "deny-addresses", "allow-addresses"
	var problems []error
	if c.IsSet(deny) && len(c.DenyAddresses) == 0 {
		problems = append(problems, c.problem(deny, "it is empty; write none to allow all addresses, or leave it out for the default"))
	}
	policy, badDeny, badAllow := reach.New(c.DenyAddresses, c.AllowAddresses)
	for _, err := range badDeny {
		problems = append(problems, c.problem(deny, "%v", err))
	}
	for _, err := range badAllow {
		problems = append(problems, c.problem(allow, "%v", err))
	}
	return policy, errors.Join(problems...)
}
