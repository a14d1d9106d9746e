package config

import (
	"regexp"
	"slices"
)

// nobody is the value of shell-allow-su that allows no other user.
const nobody = "none"

// AllowedSU returns the values that the key su of a job may have on this node. Nil allows every value, an empty list none.
func (c *Config) AllowedSU() []string {
	if slices.Equal(c.ShellAllowSU, []string{nobody}) {
		return []string{}
	}
	return c.ShellAllowSU
}

var (
	userOrGroup = regexp.MustCompile(`^[^\s:]+(:[^\s:]+)?$`)
	variable    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// validateRunning checks what this node allows to jobs. A list that protects must never allow more than it seems to.
func (c *Config) validateRunning() (problems []error) {
	const name = "shell-allow-su"
	if c.IsSet(name) && len(c.ShellAllowSU) == 0 {
		problems = append(problems, c.problem(name, "it is empty; write %s to allow no other user, or leave it out to allow all", nobody))
	}
	if len(c.ShellAllowSU) > 1 && slices.Contains(c.ShellAllowSU, nobody) {
		problems = append(problems, c.problem(name, "it has %s and users; write one or the other", nobody))
	}
	for _, su := range c.ShellAllowSU {
		if !userOrGroup.MatchString(su) {
			problems = append(problems, c.problem(name, "want user or user:group as jobs write it, not %q", su))
		}
	}
	for _, v := range c.PassEnv {
		if !variable.MatchString(v) {
			problems = append(problems, c.problem("pass-env", "want the name of a variable, such as DKRON_REGION, not %q", v))
		}
	}
	return problems
}
