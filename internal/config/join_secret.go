package config

import "strings"

// minSecret is the least number of characters of a join secret.
const minSecret = 16

func (c *Config) secretGiven() bool { return c.JoinSecret != "" }

// Secret returns the join secret, empty if there is none. White space around it does not count.
func (c *Config) Secret() string { return strings.TrimSpace(c.JoinSecret) }

// validateSecret never repeats the secret.
func (c *Config) validateSecret() (problems []error) {
	if c.secretGiven() && len([]rune(c.Secret())) < minSecret {
		problems = append(problems, c.problem("join-secret", "it has less than %d characters; dkron keygen makes one", minSecret))
	}
	return problems
}

func (c *Config) warnOfSecret() (warnings []string) {
	switch {
	case !c.secretGiven():
	case !c.AutoTLS:
		warnings = append(warnings, "the join secret has no effect, because auto-tls is false")
	case c.TrustedCAFile != "":
		warnings = append(warnings, "the join secret has no effect, because this node has certificates of its own (trusted-ca-file)")
	}
	return warnings
}
