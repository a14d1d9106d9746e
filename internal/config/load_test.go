package config_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/pflag"

	"dkron/internal/config"
)

func TestTheHigherSourceWins(t *testing.T) {
	in := input{
		args:  []string{"--region=flag"},
		env:   []string{"DKRON_REGION=env", "DKRON_DATACENTER=env", "DKRON_PROFILE="},
		files: map[string]string{"/etc/dkron/dkron.yml": "region: file\ndatacenter: file\nprofile: wan\nretry-interval: 5s"},
	}
	c, src := in.mustLoad(t)
	if got := fmt.Sprint(c.Region, c.Datacenter, c.Profile, c.RetryInterval, c.RPCPort); got != "flagenvwan5s 6868" {
		t.Errorf("got %s", got)
	}
	if src.File != "/etc/dkron/dkron.yml" {
		t.Errorf("got %+v", src)
	}
	if !c.IsSet("region") || c.IsSet("rpc-port") {
		t.Error("IsSet is wrong")
	}
}

func TestSearchTakesTheFirstFileOfTheFirstDirectory(t *testing.T) {
	files := map[string]string{
		"/etc/dkron/dkron.json":    `{"region":"1"}`,
		"/etc/dkron/dkron.toml":    `region="2"`,
		"/etc/dkron/dkron.yaml":    `region: "3"`,
		"/etc/dkron/dkron.yml":     `region: "4"`,
		"/home/u/.dkron/dkron.yml": `region: "5"`,
		"config/dkron.env":         `REGION=6`,
	}
	order := []string{
		"/etc/dkron/dkron.json", "/etc/dkron/dkron.toml", "/etc/dkron/dkron.yaml", "/etc/dkron/dkron.yml",
		"/home/u/.dkron/dkron.yml", "config/dkron.env",
	}
	for i, name := range order {
		c, src := input{env: []string{"HOME=/home/u"}, files: files}.mustLoad(t)
		if c.Region != fmt.Sprint(i+1) || src.File != name {
			t.Errorf("got region %s from %s, want %s", c.Region, src.File, name)
		}
		files = maps.Clone(files)
		delete(files, name)
	}
	if _, src := (input{files: files}).mustLoad(t); src.File != "" {
		t.Errorf("none left, but got %+v", src)
	}
}

func TestAnExplicitFileIsNotSearchedFor(t *testing.T) {
	in := input{args: []string{"--config", "/x/my.json"}, files: map[string]string{
		"/x/my.json": `{"region":"mine"}`, "/etc/dkron/dkron.yml": "region: other"}}
	c, src := in.mustLoad(t)
	if c.Region != "mine" || src.File != "/x/my.json" {
		t.Errorf("got %s, %+v", c.Region, src)
	}
}

func TestOtherFilesBelongWhereTheConfigurationFileIs(t *testing.T) {
	for _, c := range []struct {
		in   input
		want string
	}{
		{input{env: []string{"HOME=/home/me"}}, "[/etc/dkron /home/me/.dkron config]"},
		{input{}, "[/etc/dkron config]"},
		{input{args: []string{"--config=/srv/a.yml"}, files: map[string]string{"/srv/a.yml": ""}}, "[/srv /etc/dkron config]"},
		{input{env: []string{"HOME=/home/me"}, files: map[string]string{"/home/me/.dkron/dkron.yml": ""}}, "[/home/me/.dkron /etc/dkron config]"},
	} {
		if _, src := c.in.mustLoad(t); fmt.Sprint(src.Dirs) != c.want {
			t.Errorf("%+v: %v", c.in, src.Dirs)
		}
	}
}

func TestEveryFormatSaysTheSame(t *testing.T) {
	forms := map[string]string{
		"yml": `
Server: true
rpc-port: 7000
raft-multiplier: 2
RETRY-JOIN: [10.0.0.1, "provider=aws tag_key=a,b"]
dog-statsd-tags: a,b
tags: {A: b, Zone: 7}
bootstrap: true
encrypt:
acl: {enabled: false}
`,
		"json": `{"Server": true, "rpc-port": 7000, "raft-multiplier": "2",
"RETRY-JOIN": ["10.0.0.1", "provider=aws tag_key=a,b"], "dog-statsd-tags": "a,b", "tags": {"A": "b", "Zone": 7},
"bootstrap": true, "encrypt": null, "acl": {"enabled": false}}`,
		"toml": `
Server = true
rpc-port = 7000
raft-multiplier = 2
RETRY-JOIN = ["10.0.0.1", "provider=aws tag_key=a,b"]
dog-statsd-tags = "a,b"
bootstrap = true
[tags]
A = "b"
Zone = 7
[acl]
enabled = false
`,
		"env": `
# comment
SERVER=true
export DKRON_RPC_PORT=7000 # port
raft-multiplier="2"
RETRY_JOIN='10.0.0.1,provider=aws tag_key=a,b'
dog-statsd-tags=a,b
TAGS={"A":"b","Zone":7}
bootstrap=true
ENCRYPT=
ACL_ENABLED=false
`,
	}
	var first map[string]any
	for ext, text := range forms {
		c, src := file(ext, text).mustLoad(t)
		if len(src.Warnings) > 0 {
			t.Errorf("%s: warnings %q", ext, src.Warnings)
		}
		if got := fmt.Sprint(c.Server, c.RPCPort, c.RaftMultiplier, c.Tags, c.DogStatsdTags, c.Bootstrap); got !=
			"true 7000 2 map[A:b Zone:7] [a b] true" || len(c.RetryJoin) != 2 {
			t.Errorf("%s: got %s, %q", ext, got, c.RetryJoin)
		}
		if first == nil {
			first = c.Public()
		} else if !reflect.DeepEqual(first, c.Public()) {
			t.Errorf("%s: got %v, want %v", ext, c.Public(), first)
		}
	}
}

func TestABrokenFileIsAnErrorThatSaysWhere(t *testing.T) {
	for name, tc := range map[string]struct {
		in   input
		want []string
	}{
		"missing":           {args("--config=/x.yml"), []string{"--config /x.yml", "no such file", "create it"}},
		"unknown extension": {input{args: []string{"--config=/x.conf"}, files: map[string]string{"/x.conf": ""}}, []string{"/x.conf", `".conf"`, ".yaml"}},
		"found hcl":         {file("hcl", "region = 1"), []string{"/etc/dkron/dkron.hcl", `".hcl"`}},
		"yaml":              {file("yml", "a: b\nc: [\n"), []string{"/etc/dkron/dkron.yml:", "fix the file"}},
		"yaml documents":    {file("yml", "region: a\n---\nencrypt: b\n"), []string{"dkron.yml:2", "second document"}},
		"yaml cycle":        {file("yml", "join: &a [*a]\n"), []string{"dkron.yml:1", "nested too deeply"}},
		"json":              {file("json", "{\n\"a\": 1,\n}"), []string{"/etc/dkron/dkron.json:3"}},
		"toml":              {file("toml", "a = 1\nb = \n"), []string{"/etc/dkron/dkron.toml:2"}},
		"dotenv":            {file("env", "A=1\nwhat\n"), []string{"/etc/dkron/dkron.env:2", "KEY=value"}},
		"dotenv quote":      {file("env", "A='1\n"), []string{"/etc/dkron/dkron.env:1", "quote"}},
		"yaml indented first key": {file("yml", "# comment\n server: true\nregion: x\n"),
			[]string{"dkron.yml:3", "indentation", "line 2 is indented by 1 space, line 3 is not indented", "same column"}},
		"yaml indented key": {file("yml", "region: x\nencrypt: c2VjcmV0\n server: true\n"),
			[]string{"dkron.yml:3", "line 3 is indented by 1 space", "same column"}},
		"yaml outdented key": {file("yml", "tags:\n    a: b\n  c: d\nregion: x\n"),
			[]string{"dkron.yml:3", "line 3 is indented by 2 spaces", "same column"}},
		"yaml tab": {file("yml", "\tserver: true\n"), []string{"dkron.yml:1", "tab", "spaces"}},
		"no keys":  {file("yml", "- a\n"), []string{"/etc/dkron/dkron.yml", "keys with values"}},
		"twice":    {file("yml", "region: a\nRegion: b\n"), []string{"dkron.yml:2", `"region"`, "dkron.yml:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tc.in.load(t)
			wantError(t, err, tc.want...)
		})
	}
}

func TestAFileThatCannotBeReadIsAnError(t *testing.T) {
	denied := func(name string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	_, _, err := config.Load(nil, nil, denied)
	wantError(t, err, "/etc/dkron/dkron.json", "permission denied", "--config")
}

func TestASearchDirectoryThatIsAFileIsNoError(t *testing.T) {
	notDir := func(name string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOTDIR}
	}
	if _, _, err := config.Load(nil, nil, notDir); err != nil {
		t.Error(err)
	}
}

func TestFilesOfTheMachineAreReadByDefault(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "my.yml")
	if err := os.WriteFile(name, []byte("region: disk"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := args("--config", name)
	set := newFlags(t, in.args)
	c, _, err := config.Load(set, nil, nil)
	if err != nil || c.Region != "disk" {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestAnEmptyFileIsFine(t *testing.T) {
	for _, ext := range []string{"yml", "json", "toml", "env"} {
		file(ext, "\n").mustLoad(t)
	}
	file("yml", "# only a comment\n").mustLoad(t)
}

func TestAWrongValueNamesTheKeyAndWhatWouldBeRight(t *testing.T) {
	for name, tc := range map[string]struct {
		in   input
		want []string
	}{
		"flag int":      {args("--rpc-port=abc"), []string{"--rpc-port", "whole number"}},
		"flag bool":     {args("--server=yes"), []string{"--server", "true or false"}},
		"flag duration": {args("--retry-interval=5"), []string{"--retry-interval", "30s"}},
		"env int":       {env("DKRON_RPC_PORT=abc"), []string{"DKRON_RPC_PORT: want a whole number"}},
		"flag service":  {args("--rpc-port=tcp://10.0.0.1:6868"), []string{"--rpc-port", "whole number"}},
		"env tags":      {env("DKRON_TAGS=a=b"), []string{"DKRON_TAGS", "JSON object"}},
		"yaml int":      {file("yml", "region: x\nrpc-port: abc"), []string{"dkron.yml:2: rpc-port: want a whole number"}},
		"yaml bool":     {file("yml", `server: "yes"`), []string{"dkron.yml:1: server: want true or false"}},
		"json duration": {file("json", "{\n\"retry-interval\": 5}"), []string{"dkron.json:2: retry-interval"}},
		"toml list":     {file("toml", "\nregion = [1]"), []string{"dkron.toml:2: region: want one string"}},
		"env file":      {file("env", "\nUI=maybe"), []string{"dkron.env:2: ui: want true or false"}},
		"tags list":     {file("yml", "tags: [a=b]"), []string{"tags: want a map", "key tag"}},
		"tag map":       {file("yml", "tag: {a: b}"), []string{"tag: want a list", "key tags"}},
		"nested list":   {file("yml", "join: [[a]]"), []string{"join: want a list of strings"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tc.in.load(t)
			wantError(t, err, tc.want...)
		})
	}
}

func TestBooleansAreThoseOfGo(t *testing.T) {
	for _, text := range []string{"1", "t", "T", "true", "TRUE", "True"} {
		if c, _ := env("DKRON_SERVER=" + text).mustLoad(t); !c.Server {
			t.Errorf("%s is not true", text)
		}
	}
	if c, _ := args("--server", "--ui=false").mustLoad(t); !c.Server || c.UI {
		t.Error("flags are wrong")
	}
}

func TestUnknownKeysWarnAndSuggest(t *testing.T) {
	_, src := file("yml", "raft_multiplier: 2\nencript: x\nfoo: {bar: 1}\n").mustLoad(t)
	wantWarnings(t, src.Warnings, `dkron.yml:1: unknown key "raft_multiplier" is ignored; did you mean "raft-multiplier"?`,
		`did you mean "encrypt"?`, `unknown key "foo.bar" is ignored`)
}

func TestUnknownVariablesWarnOnlyWhereAMistakeIsLikely(t *testing.T) {
	_, src := env("DKRON_ENCRIPT=x", "DKRON_CONFIG=/x.yml", "DKRON_SERVICE_HOST=10.0.0.1", "DKRON_UI_PORT=tcp://x:1",
		"DKRON_PORT=tcp://10.0.0.1:80", "DKRON_PORT_80_TCP_ADDR=10.0.0.1", "DKRON_SOMETHING_ELSE=1", "PATH=x").mustLoad(t)
	wantWarnings(t, src.Warnings, "did you mean DKRON_ENCRYPT?", "DKRON_CONFIG is ignored: name the file with --config")
}

// Kubernetes sets these in every pod for a service called dkron-rpc; they once kept the node from starting.
func TestVariablesOfAServiceAreIgnoredWithAWarning(t *testing.T) {
	for _, protocol := range []string{"tcp", "udp", "sctp"} {
		in := env("DKRON_RPC_PORT=" + protocol + "://10.0.0.1:6868")
		in.files = map[string]string{"/etc/dkron/dkron.yml": "rpc-port: 7000\n"}
		c, src := in.mustLoad(t)
		if c.RPCPort != 7000 {
			t.Errorf("%s: rpc-port is %d, want that of the file", protocol, c.RPCPort)
		}
		wantWarnings(t, src.Warnings, "DKRON_RPC_PORT is ignored: Kubernetes")
	}
}

// For every setting, present or future: a service that happens to have its name must not stop a node or change it.
func TestNoServiceNameChangesASetting(t *testing.T) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.AddFlags(flags)
	plain, _ := env().mustLoad(t)
	ports := 0
	flags.VisitAll(func(f *pflag.Flag) {
		// The service may be named after the setting or the beginning of its name: dkron-rpc-port or dkron-rpc.
		for name := f.Name; name != ""; name = name[:max(strings.LastIndexByte(name, '-'), 0)] {
			prefix := "DKRON_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			c, src := env(prefix+"_SERVICE_HOST=10.0.0.1", prefix+"_SERVICE_PORT=6868", prefix+"_SERVICE_PORT_HTTP=6868",
				prefix+"_PORT=tcp://10.0.0.1:6868", prefix+"_PORT_6868_TCP=tcp://10.0.0.1:6868",
				prefix+"_PORT_6868_TCP_PROTO=tcp", prefix+"_PORT_6868_TCP_PORT=6868", prefix+"_PORT_6868_TCP_ADDR=10.0.0.1",
				prefix+"_PORT_53_SCTP_PORT=53").mustLoad(t)
			if !reflect.DeepEqual(c, plain) {
				t.Errorf("a service called dkron-%s changes the configuration", name)
			}
			ports += len(src.Warnings)
			if want := flags.Lookup(name+"-port") != nil; want != (len(src.Warnings) == 1) {
				t.Errorf("a service called dkron-%s: warnings %q", name, src.Warnings)
			}
		}
	})
	if ports == 0 {
		t.Error("no setting has the name of a service's variable; this test proves nothing")
	}
}

func TestWebhookURLIsAnAlias(t *testing.T) {
	c, src := args("--webhook-url=http://old").mustLoad(t)
	if c.WebhookEndpoint != "http://old" {
		t.Errorf("got %q", c.WebhookEndpoint)
	}
	wantWarnings(t, src.Warnings, "--webhook-url: webhook-url is deprecated, use webhook-endpoint", "--webhook-url: the command line is visible")

	c, src = input{args: []string{"--webhook-endpoint=http://new"}, env: []string{"DKRON_WEBHOOK_URL=http://old"}}.mustLoad(t)
	if c.WebhookEndpoint != "http://new" {
		t.Errorf("got %q", c.WebhookEndpoint)
	}
	wantWarnings(t, src.Warnings, "ignored, because of --webhook-endpoint", "--webhook-endpoint: the command line is visible")

	c, _ = input{args: []string{"--webhook-url=http://flag"}, env: []string{"DKRON_WEBHOOK_ENDPOINT=http://env"}}.mustLoad(t)
	if c.WebhookEndpoint != "http://flag" {
		t.Errorf("got %q", c.WebhookEndpoint)
	}
}

func TestYAMLMergesAndAliases(t *testing.T) {
	c, _ := file("yml", "base: &b {region: r, profile: wan}\n<<: *b\nregion: own\n").mustLoad(t)
	if c.Region != "own" || c.Profile != "wan" {
		t.Errorf("got %s", c)
	}
}

func TestDotenvQuotes(t *testing.T) {
	c, _ := file("env", `MAIL_FROM="a\tb" # c
MAIL_PAYLOAD='{"a": "#b"}'
MAIL_HOST=a#b  # c`).mustLoad(t)
	if c.MailFrom != "a\tb" || c.MailPayload != `{"a": "#b"}` || c.MailHost != "a#b" {
		t.Errorf("got %q %q %q", c.MailFrom, c.MailPayload, c.MailHost)
	}
}

func TestErrorsDoNotTellSecrets(t *testing.T) {
	for _, in := range []input{args("--encrypt=hush!"), env("DKRON_ENCRYPT=hush!"), file("yml", "encrypt: hush!"),
		env("DKRON_PASSWORD=hush!")} {
		_, _, err := in.load(t)
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("got %v", err)
		}
	}
}

// Editors on Windows put a byte order mark before a text in UTF-8.
func TestAByteOrderMarkMeansNothingInAnyFormat(t *testing.T) {
	for ext, text := range map[string]string{
		"json": `{"region":"here"}`, "yml": "region: here", "yaml": "region: here", "toml": `region = "here"`, "env": "REGION=here", "dotenv": "REGION=here",
	} {
		if c, _ := file(ext, "\ufeff"+text).mustLoad(t); c.Region != "here" {
			t.Errorf("%s: region %q", ext, c.Region)
		}
	}
	if c, _ := file("json", "\ufeff\n").mustLoad(t); c.Region != "global" {
		t.Errorf("of an empty one: region %q", c.Region)
	}
}
