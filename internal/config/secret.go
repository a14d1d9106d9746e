package config

import (
	"crypto/rand"
	"os"
	"strings"

	"dkron/internal/secret"
)

// SecretKeys reads the keys of stored secrets. Without any, nothing is sealed or opened; with dev there is one until the
// process ends. No error repeats what a file has.
func (c *Config) SecretKeys() (*secret.Keys, error) {
	name, text := "secrets-key", strings.Join(c.SecretsKey, "\n")
	if c.SecretsKeyFile != "" {
		name = "secrets-key-file"
		data, err := os.ReadFile(c.SecretsKeyFile)
		if err != nil {
			return nil, c.problem(name, "%v", err)
		}
		text = string(data)
	}
	if text == "" && c.Dev { // a key for as long as it runs, to try secrets out
		key := make([]byte, 32)
		rand.Read(key)
		return secret.NewKeys(key)
	}
	keys, err := secret.ParseKeys(text)
	switch {
	case err != nil:
		return nil, c.problem(name, "%v", err)
	case c.SecretsKeyFile != "" && len(keys.IDs()) == 0:
		return nil, c.problem(name, "%s has no key; dkron keygen makes one", c.SecretsKeyFile)
	}
	return keys, nil
}

func (c *Config) validateSecrets() (problems []error) {
	if c.SecretsKeyFile != "" && len(c.SecretsKey) > 0 {
		return append(problems, c.problem("secrets-key-file", "secrets-key is set too; leave one of them out"))
	}
	if _, err := secret.ParseKeys(strings.Join(c.SecretsKey, "\n")); err != nil {
		problems = append(problems, c.problem("secrets-key", "%v", err))
	}
	return problems
}
