package config

import (
	"crypto/rand"
	"strings"

	"dkron/internal/secret"
)

// SecretKeys returns the keys of stored secrets. Without any, nothing is sealed or opened; with dev there is one until the
// process ends. No error repeats a key.
func (c *Config) SecretKeys() (*secret.Keys, error) {
	if len(c.SecretsKey) == 0 && c.Dev { // a key for as long as it runs, to try secrets out
		key := make([]byte, 32)
		rand.Read(key)
		return secret.NewKeys(key)
	}
	keys, err := secret.ParseKeys(strings.Join(c.SecretsKey, "\n"))
	if err != nil {
		return nil, c.problem("secrets-key", "%v", err)
	}
	return keys, nil
}

func (c *Config) validateSecrets() (problems []error) {
	if _, err := c.SecretKeys(); err != nil {
		problems = append(problems, err)
	}
	return problems
}
