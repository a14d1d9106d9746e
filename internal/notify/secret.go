package notify

import (
	"fmt"
	"io"
	"os"
	"strings"

	"dkron"
	"dkron/internal/secret"
)

// maxSecret is how many bytes a file with a secret may have.
const maxSecret = 64 << 10

// howTo is how a setting refers to a secret.
const howTo = "${secret:NAME}, ${env:NAME} or ${file:/PATH}"

// refers reports whether a setting refers to a secret.
func refers(text string) bool { return len(secret.Find(text)) > 0 }

// source returns what a reference names, or why there is none, without it.
func (o *Options) source(r secret.Reference) (string, error) {
	switch r.Kind {
	case secret.Stored:
		if o.Secret == nil {
			return "", secret.ErrNoKey
		}
		return o.Secret(r.Name)
	case secret.Env:
		value, ok := os.LookupEnv(r.Name)
		if !ok {
			return "", fmt.Errorf("this server has no environment variable %s", r.Name)
		}
		return value, nil
	}
	return readSecret(r.Name)
}

func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err == nil && len(data) > maxSecret {
		err = fmt.Errorf("%s has more than %d bytes", path, maxSecret)
	}
	return strings.TrimRight(string(data), "\r\n"), err
}

// checkReferences refuses references that no server could resolve.
func checkReferences(key, text string) error {
	for _, r := range secret.Find(text) {
		switch {
		case r.Valid():
		case r.Kind == secret.Stored || r.Kind == secret.Env || r.Kind == secret.File:
			return dkron.Invalid("settings.%s refers to %q, which names nothing; a reference is %s", key, r.Text, howTo)
		default:
			return dkron.Invalid("settings.%s refers to %q; a reference is %s", key, r.Text, howTo)
		}
	}
	return nil
}

// resolve replaces the references in a setting by what this server has. secrets is what must not be shown.
func (o *Options) resolve(key, text string) (resolved string, secrets []string, err error) {
	resolved = secret.Replace(text, func(r secret.Reference) string {
		value, failed := o.source(r)
		if failed != nil {
			err = fmt.Errorf("settings.%s: %w", key, failed)
		}
		if value != "" {
			secrets = append(secrets, value)
		}
		return value
	}, secret.Stored, secret.Env, secret.File)
	return resolved, secrets, err
}

// masked replaces secrets in an error: receivers may repeat what they were sent.
type masked struct {
	error
	secrets []string
}

func (m masked) Error() string {
	text := m.error.Error()
	for _, s := range m.secrets {
		text = strings.ReplaceAll(text, s, "[redacted]")
	}
	return secret.NewRedactor(m.secrets...).Text(text) // in the forms that receivers may give it
}

func (m masked) Unwrap() error { return m.error }
