package config

import (
	"errors"
	"regexp"

	"dkron/internal/reach"
)

var (
	userOrGroup = regexp.MustCompile(`^[^\s:]+(:[^\s:]+)?$`)
	variable    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// validateRunning checks what this node allows to jobs. A list that protects must never allow more than it seems to.
func (c *Config) validateRunning() (problems []error) {
	const name = "shell-allow-su"
	if c.IsSet(name) && len(c.ShellAllowSU) == 0 {
		problems = append(problems, c.problem(name, "it is empty; write the users that commands may run as, or leave it out to allow all"))
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
	if _, err := c.Reach(); err != nil {
		problems = append(problems, err)
	}
	return problems
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
