package config

import (
	"os"
	"strings"
)

// minSecret is the least number of characters of a join secret.
const minSecret = 16

func (c *Config) secretGiven() bool { return c.JoinSecret != "" || c.JoinSecretFile != "" }

// Secret returns the join secret, empty if there is none. It may be in a file.
func (c *Config) Secret() (string, error) {
	if c.JoinSecretFile == "" {
		return c.JoinSecret, nil
	}
	data, err := os.ReadFile(c.JoinSecretFile)
	if err != nil {
		return "", c.problem("join-secret-file", "%v", err)
	}
	text := strings.TrimSpace(string(data))
	if short(text) {
		return "", c.problem("join-secret-file", "the secret in %s has less than %d characters; dkron keygen makes one", c.JoinSecretFile, minSecret)
	}
	return text, nil
}

func short(secret string) bool { return len([]rune(secret)) < minSecret }

// validateSecret never repeats the secret.
func (c *Config) validateSecret() (problems []error) {
	if c.JoinSecret != "" && short(c.JoinSecret) {
		problems = append(problems, c.problem("join-secret", "it has less than %d characters; dkron keygen makes one", minSecret))
	}
	if c.JoinSecret != "" && c.JoinSecretFile != "" {
		problems = append(problems, c.problem("join-secret", "--join-secret-file is set too; leave one of them out"))
	}
	return problems
}

func (c *Config) warnOfSecret() (warnings []string) {
	if o, ok := c.from["join-secret"]; ok && o.level == levelFlag {
		warnings = append(warnings, c.label("join-secret")+": the command line is visible to all users of this machine; use --join-secret-file, or DKRON_JOIN_SECRET")
	}
	switch {
	case !c.secretGiven():
	case !c.AutoTLS:
		warnings = append(warnings, "the join secret has no effect, because auto-tls is false")
	case c.TrustedCAFile != "":
		warnings = append(warnings, "the join secret has no effect, because this node has certificates of its own (trusted-ca-file)")
	}
	return warnings
}
