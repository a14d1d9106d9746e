package config_test

import (
	"strings"
	"testing"
)

func TestAJoinSecretMayBeInAFile(t *testing.T) {
	for text, want := range map[string]string{" correct horse battery\n": "correct horse battery", "hush": ""} {
		in := args("--join-secret-file=/secret", "--require-tls")
		in.files = map[string]string{"/secret": text}
		c, _, err := in.load(t)
		if want != "" && (err != nil || c.Secret() != want) {
			t.Errorf("%q: %v, %v", text, c, err)
		}
		if want == "" && (err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "less than 16") || !strings.Contains(err.Error(), "--join-secret-file")) {
			t.Errorf("%q: %v", text, err)
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
		c.in.files = map[string]string{"f": "correct horse battery"}
		_, src := c.in.mustLoad(t)
		if got := strings.Join(src.Warnings, "\n"); !strings.Contains(got, c.want) || c.want == "" && got != "" || strings.Contains(got, "horse") {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
