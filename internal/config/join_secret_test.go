package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAJoinSecretMayBeInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	c, _ := args("--join-secret-file="+path, "--require-tls").mustLoad(t)
	if _, err := c.Secret(); err == nil || !strings.Contains(err.Error(), "--join-secret-file") {
		t.Errorf("without the file: %v", err)
	}
	for text, want := range map[string]string{" correct horse battery\n": "correct horse battery", "hush": ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := c.Secret()
		if got != want || (err == nil) != (want != "") || err != nil && (strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "less than 16")) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestASecretThatHasNoEffectOrIsVisibleIsAWarning(t *testing.T) {
	const secret = "--join-secret=correct horse battery"
	for _, c := range []struct {
		in   input
		want string
	}{
		{env("DKRON_JOIN_SECRET=correct horse battery"), ""},
		{args(secret), "visible to all users"},
		{args("--join-secret-file=f", "--auto-tls=false"), "because auto-tls is false"},
		{args("--join-secret-file=f", "--cert-file=c", "--key-file=k", "--trusted-ca-file=a"), "certificates of its own"},
	} {
		_, src := c.in.mustLoad(t)
		if got := strings.Join(src.Warnings, "\n"); !strings.Contains(got, c.want) || c.want == "" && got != "" || strings.Contains(got, "horse") {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
