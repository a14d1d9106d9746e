package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"dkron/internal/config"

	"github.com/spf13/pflag"
)

// input is what a node is given, by source.
type input struct {
	args  []string
	env   []string
	files map[string]string
	disk  bool // files that are not in files are read from the disk
}

func (in input) load(t testing.TB) (*config.Config, config.Source, error) {
	t.Helper()
	set := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	config.AddFlags(set)
	if err := set.Parse(in.args); err != nil {
		return nil, config.Source{}, err
	}
	return config.Load(set, in.env, in.read)
}

func (in input) read(name string) ([]byte, error) {
	if data, ok := in.files[name]; ok {
		return []byte(data), nil
	}
	if in.disk {
		return os.ReadFile(name)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (in input) mustLoad(t testing.TB) (*config.Config, config.Source) {
	t.Helper()
	c, src, err := in.load(t)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return c, src
}

func args(a ...string) input { return input{args: a} }
func env(e ...string) input  { return input{env: e} }

// onDisk is flags that name files on the disk.
func onDisk(a ...string) input { return input{args: a, disk: true} }

// file is a configuration file found by search.
func file(ext, text string) input {
	return input{files: map[string]string{"/etc/dkron/dkron." + ext: text}}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}

// wantWarnings wants exactly one warning for each of the parts, in any order.
func wantWarnings(t *testing.T, warnings []string, parts ...string) {
	t.Helper()
	if len(warnings) != len(parts) {
		t.Errorf("got warnings %q, want %d", warnings, len(parts))
	}
	for _, part := range parts {
		if !strings.Contains(strings.Join(warnings, "\n"), part) {
			t.Errorf("warnings %q lack %q", warnings, part)
		}
	}
}

// The tables of the specification, by hand.
const specFlags = `
server=false node-name= datacenter=dc1 region=global tag=[] profile=lan bootstrap-expect=0 data-dir=dkron.data
raft-multiplier=1 serf-reconnect-timeout=24h0m0s encrypt=[] encrypt-file= encrypt-mode=require agent-run-max-retries=3
agent-run-retry-initial-interval=1s agent-run-retry-max-interval=30s
advertise-addr= rpc-port=6868 advertise-rpc-port=0 http-addr=:8080 ui=true
join=[] retry-join=[] retry-join-file= retry-interval=30s retry-max=0
mail-host= mail-port=0 mail-username= mail-password= mail-password-file= mail-from= mail-payload= mail-subject-prefix=[Dkron]
pre-webhook-endpoint= pre-webhook-payload= pre-webhook-headers=[] webhook-endpoint= webhook-payload= webhook-headers=[]
pre-webhook-endpoint-file= pre-webhook-payload-file= pre-webhook-headers-file= webhook-endpoint-file= webhook-payload-file= webhook-headers-file=
webhook-url= cronitor-endpoint= cronitor-endpoint-file= alarm-url= alarm-url-file= heartbeat-url= heartbeat-url-file= heartbeat-interval=1m0s
log-level=info enable-prometheus=false statsd-addr= dog-statsd-addr= dog-statsd-tags=[] otel-endpoint= otel-trace-url=
disable-usage-stats=false
username= password= password-file= acl-enabled=false acl-open-metrics=false audit-file= audit-syslog= auto-tls=true cert-file= key-file= trusted-ca-file= client-cert-auth=false client-crl-file=
disable-http-tls=false fast=false raft-duration=0 federation-mode=active secrets-key-file=
dev=false log-format=text raft-log=wal max-running=0 http-max-connections=0 drain-timeout=30s http-allowed-origins=[] accept-cluster=false processor-files-dir= allow-executors=[] shell-allow-su=[] shell-allow-commands=[] shell-allow-dirs=[] shell-allow-env=[] pass-env=[] allow-addresses=[] processor-spool-size=1024 plugin-memory-limit=1024 require-tls=false join-secret= join-secret-file=
oidc-issuer= oidc-client-id= oidc-client-secret-file= oidc-redirect-url= oidc-groups-claim=groups oidc-roles=[] oidc-default-role= oidc-session-age=12h0m0s
http-rate=0 http-trusted-proxies=[] http-user-header= http-groups-header= http-header-roles=[] http-header-default-role=`

const specFileKeys = `tags=map[] bootstrap=false reconcileinterval=1m0s acl.enabled=false secrets-key=[] oidc-client-secret=`

func TestEveryFlagOfTheSpecificationHasItsDefault(t *testing.T) {
	set := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	config.AddFlags(set)
	public := config.Default().Public()
	want := map[string]string{"bind-addr": "{{ GetPrivateIP }}:8946", "deny-addresses": "[link-local metadata]",
		"oidc-name": "OpenID Connect", "oidc-scopes": "[openid profile email]", "oidc-name-claim": "[preferred_username email]"}
	for _, entry := range strings.Fields(specFlags) {
		name, def, _ := strings.Cut(entry, "=")
		want[name] = def
	}
	for name, def := range want {
		if set.Lookup(name) == nil {
			t.Errorf("no flag --%s", name)
		}
		if name == "tag" || name == "webhook-url" || name == "acl-enabled" { // other names of tags, webhook-endpoint and acl.enabled
			continue
		}
		if got := fmt.Sprint(public[name]); got != def {
			t.Errorf("default of %s is %q, want %q", name, got, def)
		}
	}
	set.VisitAll(func(f *pflag.Flag) {
		if _, ok := want[f.Name]; !ok && f.Name != "config" {
			t.Errorf("flag --%s is not in the specification", f.Name)
		}
	})
	for _, entry := range strings.Fields(specFileKeys) {
		name, def, _ := strings.Cut(entry, "=")
		if got := fmt.Sprint(public[name]); got != def {
			t.Errorf("default of %s is %q, want %q", name, got, def)
		}
		if set.Lookup(name) != nil {
			t.Errorf("--%s is a flag, but belongs in the file only", name)
		}
	}
}

func TestNodeNameDefaultsToTheHostName(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	if c, _ := (input{}).mustLoad(t); c.NodeName != host {
		t.Errorf("got %q, want %q", c.NodeName, host)
	}
}

func TestDevIsOneServerOnLoopbackUnlessSetOtherwise(t *testing.T) {
	c, _ := args("--dev").mustLoad(t)
	if !c.Server || c.BootstrapExpect != 1 || c.DataDir != "" || c.Profile != "local" {
		t.Errorf("got %s", c)
	}
	a, err := c.Addresses()
	if err != nil {
		t.Fatal(err)
	}
	if a.BindAddr != "127.0.0.1:8946" || a.HTTPAddr != "127.0.0.1:8080" || len(a.Notices) != 0 {
		t.Errorf("got %+v", a)
	}
	c, _ = args("--dev", "--http-addr", ":9999", "--data-dir", "d").mustLoad(t)
	if c.HTTPAddr != ":9999" || c.DataDir != "d" {
		t.Errorf("got %s", c)
	}
	c, src := file("yml", "devmode: true").mustLoad(t)
	if !c.Dev || !c.Server {
		t.Errorf("devmode: got %s", c)
	}
	wantWarnings(t, src.Warnings, "use dev")
}

func TestSettingsWithoutEffectAreListedWhenSet(t *testing.T) {
	c, _ := args("--mail-host=m", "--fast", "--enable-prometheus", "--disable-usage-stats", "--federation-mode=x").mustLoad(t)
	if got := fmt.Sprint(c.WithoutEffect()); got != "[disable-usage-stats fast federation-mode]" {
		t.Errorf("got %s", got)
	}
	if c, _ := (input{}).mustLoad(t); c.WithoutEffect() != nil {
		t.Errorf("got %v for nothing", c.WithoutEffect())
	}
}

func TestHelpTellsWhatIsNotInEffect(t *testing.T) {
	set := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	config.AddFlags(set)
	for name, note := range map[string]string{
		"fast": "without effect", "webhook-url": "deprecated, use webhook-endpoint",
	} {
		if usage := set.Lookup(name).Usage; !strings.Contains(usage, note) {
			t.Errorf("--%s: %q lacks %q", name, usage, note)
		}
	}
	if usage := set.Lookup("enable-prometheus").Usage; strings.Contains(usage, "without effect") {
		t.Errorf("--enable-prometheus: %q", usage)
	}
}

func TestPublicMasksSecrets(t *testing.T) {
	const key = "MDEyMzQ1Njc4OWFiY2RlZg=="
	in := args("--encrypt", key, "--mail-password=hush", "--webhook-headers=Authorization: Bearer hush",
		"--webhook-endpoint=https://hooks.example/T0/hush", `--webhook-payload={"key":"hush"}`,
		"--retry-join=provider=aws region=eu secret_access_key=hush tag_key=k",
		`--retry-join=provider=os password="hu sh hush" tag_key=k`, "--cronitor-endpoint=https://cronitor.example/hush",
		"--join-secret=hush hush hush hush")
	c, _ := in.mustLoad(t)
	shown := []string{fmt.Sprint(c.Public()), c.String(), fmt.Sprintf("%+v", c), c.LogValue().String()}
	for _, text := range shown {
		if strings.Contains(text, "hush") || strings.Contains(text, key) {
			t.Errorf("tells a secret: %s", text)
		}
		for _, part := range []string{"Authorization: ****", "https://hooks.example/", "region=eu", "tag_key=k"} {
			if !strings.Contains(text, part) {
				t.Errorf("lacks %q: %s", part, text)
			}
		}
	}
}

func TestDocHasARowForEveryFlag(t *testing.T) {
	var b strings.Builder
	if err := config.Doc(&b); err != nil {
		t.Fatal(err)
	}
	set := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	config.AddFlags(set)
	set.VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(b.String(), "`--"+f.Name+"`") {
			t.Errorf("no row for --%s", f.Name)
		}
	})
	if !strings.Contains(b.String(), "`DKRON_RETRY_JOIN`") {
		t.Error("no environment names")
	}
	if err := config.Doc(brokenWriter{}); err == nil {
		t.Error("a write error is lost")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }
