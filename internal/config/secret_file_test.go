package config_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"dkron/internal/config"
)

// secrets are the settings that may have a secret: a value of each, as a file has it, and what Public shows of it.
var secrets = map[string]struct{ text, shown string }{
	"encrypt":              {key16 + "\n# the old one\n" + key32 + "\n", "[**** ****]"},
	"retry-join":           {"provider=aws secret_access_key=hush\n10.0.0.1\n", "[provider=aws secret_access_key=**** 10.0.0.1]"},
	"mail-password":        {"hush hush\n", "****"},
	"pre-webhook-endpoint": {"https://hooks.example/hush\r\n", "https://hooks.example/****"},
	"pre-webhook-payload":  {"a\nhush\n", "****"},
	"pre-webhook-headers":  {"A: hush\nB: hush, hush\n", "[A: **** B: ****]"},
	"webhook-endpoint":     {"https://hooks.example/hush", "https://hooks.example/****"},
	"webhook-payload":      {"{{.hush}}", "****"},
	"webhook-headers":      {"A: hush", "[A: ****]"},
	"cronitor-endpoint":    {"https://cronitor.example/hush\n", "https://cronitor.example/****"},
	"alarm-url":            {"https://alarm.example/hush\n", "https://alarm.example/****"},
	"heartbeat-url":        {"https://beat.example/hush\n", "https://beat.example/****"},
	"password":             {"hush\n", "****"},
	"oidc-client-secret":   {"hush\n", "****"},
	"join-secret":          {"hush hush hush hush\n", "****"},
	"secrets-key":          {key32 + "\n", "[****]"},
}

// of loads a configuration in which a file has the value of a setting; source is how the path is given.
func of(name, text, source string) input {
	in := input{files: map[string]string{"/run/x": text}, env: []string{"DKRON_USERNAME=u"}}
	if name != "password" {
		in.env = nil
	}
	if name == "oidc-client-secret" { // has no effect without the others
		in.args = signIn("--oidc-client-secret-file=").args
	}
	switch source {
	case "flag":
		in.args = append(in.args, "--"+name+"-file=/run/x")
	case "environment":
		in.env = append(in.env, "DKRON_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"_FILE=/run/x")
	case "file":
		in.files["/etc/dkron/dkron.yml"] = name + "-file: /run/x\n"
	}
	return in
}

func TestEverySecretMayBeInAFile(t *testing.T) {
	for name, s := range secrets {
		for _, source := range []string{"flag", "environment", "file"} {
			c, src, err := of(name, s.text, source).load(t)
			if err != nil {
				t.Errorf("%s by %s: %v", name, source, err)
				continue
			}
			public := c.Public()
			if got := fmt.Sprint(public[name]); got != s.shown || public[name+"-file"] != "/run/x" || strings.Contains(c.String(), "hush") {
				t.Errorf("%s by %s: %s, %s", name, source, got, c)
			}
			if len(src.Warnings) > 0 {
				t.Errorf("%s by %s: %q", name, source, src.Warnings)
			}
		}
	}
	c, _ := of("mail-password", "hush hush \n\n", "flag").mustLoad(t)
	if c.MailPassword != "hush hush " { // only line breaks at the end are not part of it
		t.Errorf("%q", c.MailPassword)
	}
	if c, _ := of("pre-webhook-headers", secrets["pre-webhook-headers"].text, "flag").mustLoad(t); !slices.Equal(c.PreWebhookHeaders, []string{"A: hush", "B: hush, hush"}) {
		t.Errorf("%q", c.PreWebhookHeaders)
	}
}

// A setting that is masked in logs is a secret: it has a file, and is known to the tests here.
func TestNoSecretIsWithoutAFile(t *testing.T) {
	set := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	config.AddFlags(set)
	c := config.Default()
	got := map[string]bool{}
	set.VisitAll(func(f *pflag.Flag) {
		if base, ok := strings.CutSuffix(f.Name, "-file"); ok {
			if _, known := c.Public()[base]; known {
				got[base] = true
			}
		}
	})
	if want := slices.Sorted(maps.Keys(secrets)); !slices.Equal(slices.Sorted(maps.Keys(got)), want) {
		t.Errorf("files for %q, want %q", slices.Sorted(maps.Keys(got)), want)
	}
}

func TestASecretFromAFileThatIsWrongIsAnErrorThatNamesTheSetting(t *testing.T) {
	for name := range secrets {
		in := of(name, "\n", "flag")
		_, _, err := in.load(t)
		wantError(t, err, "--"+name+"-file", "/run/x is empty", name)
		delete(in.files, "/run/x")
		_, _, err = in.load(t)
		wantError(t, err, "--"+name+"-file", "/run/x")
	}
	_, _, err := of("encrypt", "hush!\n", "environment").load(t)
	wantError(t, err, "--encrypt (", "DKRON_ENCRYPT_FILE", "not base64")
	if strings.Contains(err.Error(), "hush") {
		t.Error(err)
	}
}

func TestASecretAndItsFileAreNotBothGiven(t *testing.T) {
	in := of("mail-password", "hush", "environment")
	in.files["/etc/dkron/dkron.yml"] = "mail-password: hush"
	_, _, err := in.load(t)
	wantError(t, err, "--mail-password-file (DKRON_MAIL_PASSWORD_FILE)", "--mail-password (/etc/dkron/dkron.yml:1) is set too")
	in = of("webhook-endpoint", "https://hooks.example/hush", "flag")
	in.env = append(in.env, "DKRON_WEBHOOK_URL=https://hooks.example/other")
	_, _, err = in.load(t)
	wantError(t, err, "--webhook-endpoint-file", "DKRON_WEBHOOK_URL")
}

func TestAFileWithASecretThatAllUsersCanReadIsAWarning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	for mode, want := range map[os.FileMode]string{0o600: "", 0o640: "", 0o644: "--mail-password-file"} {
		if err := os.WriteFile(path, []byte("hush\n"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, src := onDisk("--mail-password-file=" + path).mustLoad(t)
		if got := strings.Join(src.Warnings, "\n"); !strings.Contains(got, want) || (got == "") != (want == "") || strings.Contains(got, "hush") {
			t.Errorf("%o: %q", mode, got)
		}
	}
}

func TestASecretOnTheCommandLineIsAWarning(t *testing.T) {
	for name, s := range secrets {
		if name == "secrets-key" || name == "oidc-client-secret" { // have no flag
			continue
		}
		text := strings.Split(strings.TrimSpace(s.text), "\n")[0]
		in := args("--"+name+"="+text, "--username=u", "--password-file=/run/p")
		if in.files = map[string]string{"/run/p": "p"}; name == "password" {
			in.args = in.args[:2]
		}
		_, src := in.mustLoad(t)
		wantWarnings(t, src.Warnings, "--"+name+": the command line is visible")
		if got := strings.Join(src.Warnings, ""); strings.Contains(got, "hush") || !strings.Contains(got, "use --"+name+"-file, DKRON_") {
			t.Errorf("%s: %s", name, got)
		}
		in.env = []string{"DKRON_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "=" + text}
		in.args = in.args[1:]
		if _, src := in.mustLoad(t); len(src.Warnings) > 0 {
			t.Errorf("%s in the environment: %q", name, src.Warnings)
		}
	}
	if _, src := args("--retry-join=10.0.0.1", "--retry-join=provider=aws tag_key=k").mustLoad(t); len(src.Warnings) > 0 {
		t.Errorf("nothing is secret: %q", src.Warnings)
	}
}
