package notify

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"dkron"
)

// reference is how a setting names a secret that the server has: ${env:NAME} or ${file:PATH}.
var reference = regexp.MustCompile(`\$\{([a-z]*):([^}]*)\}`)

// maxSecret is how many bytes a file with a secret may have.
const maxSecret = 64 << 10

// sources are what references can name. Each returns the secret, or why there is none, without it.
var sources = map[string]func(name string) (string, error){
	"env": func(name string) (string, error) {
		value, ok := os.LookupEnv(name)
		if !ok {
			return "", fmt.Errorf("this server has no environment variable %s", name)
		}
		return value, nil
	},
	"file": func(path string) (string, error) {
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
	},
}

// checkReferences refuses references that no server could resolve.
func checkReferences(key, text string) error {
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		if sources[m[1]] == nil {
			return dkron.Invalid("settings.%s refers to %q; a reference is ${env:NAME} or ${file:/PATH}", key, m[0])
		}
		if m[2] == "" || m[1] == "file" && !strings.HasPrefix(m[2], "/") {
			return dkron.Invalid("settings.%s refers to %q, which names nothing; a reference is ${env:NAME} or ${file:/PATH}", key, m[0])
		}
	}
	return nil
}

// resolve replaces the references in a setting by what this server has. secrets is what must not be shown.
func resolve(key, text string) (resolved string, secrets []string, err error) {
	resolved = reference.ReplaceAllStringFunc(text, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		source := sources[m[1]]
		if source == nil {
			return ref
		}
		value, failed := source(m[2])
		if failed != nil {
			err = fmt.Errorf("settings.%s: %w", key, failed)
		}
		if value != "" {
			secrets = append(secrets, value)
		}
		return value
	})
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
	return text
}

func (m masked) Unwrap() error { return m.error }
