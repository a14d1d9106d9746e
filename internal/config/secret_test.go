package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeysOfSecretsComeFromAFileOrTheEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# new\n" + key32 + "\n# old\n" + strings.Replace(key32, "M", "N", 1) + "\n")
	for _, c := range []struct {
		in   input
		want int
	}{
		{onDisk("--secrets-key-file=" + path), 2}, {input{env: []string{"DKRON_SECRETS_KEY_FILE=" + path}, disk: true}, 2},
		{input{files: map[string]string{"/etc/dkron/dkron.yml": "secrets-key-file: " + path}, disk: true}, 2},
		{env("DKRON_SECRETS_KEY=" + key32), 1}, {args(), 0}, {args("--dev"), 1},
	} {
		cfg, _ := c.in.mustLoad(t)
		keys, err := cfg.SecretKeys()
		if err != nil || len(keys.IDs()) != c.want {
			t.Errorf("%v: %v, %v, want %d", c.in, keys, err, c.want)
		}
		if strings.Contains(cfg.String(), key32) {
			t.Errorf("%v: the configuration shows the key", c.in)
		}
	}
	for text, want := range map[string]string{"": "is empty", "# none\n": "is empty", "hunter22": "key number 1", key32 + "\nhunter22": "key number 2"} {
		write(text)
		if _, _, err := onDisk("--secrets-key-file=" + path).load(t); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
