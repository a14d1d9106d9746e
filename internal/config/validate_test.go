package config_test

import (
	"fmt"
	"maps"
	"testing"

	"dkron/internal/config"
)

const (
	key16 = "MDEyMzQ1Njc4OWFiY2RlZg=="
	key32 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
)

func TestInvalidSettingsAreRefusedByName(t *testing.T) {
	for name, tc := range map[string]struct {
		in   input
		want []string
	}{
		"profile":              {args("--profile=moon"), []string{"--profile", "unknown profile: moon", "lan, wan or local"}},
		"raft-multiplier":      {args("--raft-multiplier=11"), []string{"raft-multiplier cannot be 11", "1 to 10"}},
		"raft-multiplier <":    {args("--raft-multiplier=-1"), []string{"raft-multiplier cannot be -1"}},
		"raft-log":             {args("--raft-log=x"), []string{"--raft-log", "wal or bolt"}},
		"log-format":           {args("--log-format=x"), []string{"--log-format", "text or json"}},
		"rpc-port":             {args("--rpc-port=0"), []string{"--rpc-port", "1 to 65535"}},
		"rpc-port >":           {env("DKRON_RPC_PORT=65536"), []string{"--rpc-port (DKRON_RPC_PORT)", "65536"}},
		"mail-port":            {args("--mail-port=65536"), []string{"--mail-port"}},
		"advertise-rpc-port":   {args("--advertise-rpc-port=-1"), []string{"--advertise-rpc-port"}},
		"max-running":          {args("--max-running=-1"), []string{"--max-running", "0 or more"}},
		"http-max-connections": {args("--http-max-connections=-1"), []string{"--http-max-connections", "0 or more"}},
		"retry-max":            {args("--retry-max=-1"), []string{"--retry-max"}},
		"retry-interval":       {args("--retry-interval=0s"), []string{"--retry-interval", "above 0"}},
		"drain-timeout":        {args("--drain-timeout=-1s"), []string{"--drain-timeout"}},
		"max interval":         {args("--agent-run-retry-max-interval=1ms"), []string{"--agent-run-retry-max-interval", "less than"}},
		"reconcileinterval":    {file("yml", "reconcileinterval: 0s"), []string{"reconcileinterval (/etc/dkron/dkron.yml:1)"}},
		"heartbeat-interval":   {args("--heartbeat-interval=0s"), []string{"--heartbeat-interval", "above 0"}},
		"heartbeat-url":        {args("--heartbeat-url=ping.example/SECRET"), []string{"--heartbeat-url", "https://example.com/hook"}},
		"alarm-url":            {env("DKRON_ALARM_URL=mail@example.com"), []string{"--alarm-url (DKRON_ALARM_URL)", "address"}},
		"otel-trace-url":       {args("--otel-trace-url=https://jaeger.example.com"), []string{"--otel-trace-url", "{trace} where the id"}},
		"alarm-url mail":       {args("--alarm-url=mailto:ops@example.com"), []string{"--alarm-url", "mail-host"}},
		"alarm-url nobody":     {args("--alarm-url=mailto:ops", "--mail-host=mx"), []string{"--alarm-url", "mailto:ops@example.com"}},
		"encrypt base64":       {args("--encrypt=!"), []string{"--encrypt", "invalid encryption key", "keygen"}},
		"encrypt length":       {args("--encrypt=" + key16 + ",YWJj"), []string{"number 2 has 3 bytes", "16, 24 or 32"}},
		"node-name":            {args("--node-name="), []string{"--node-name"}},
		"data-dir":             {args("--data-dir="), []string{"--data-dir"}},
		"expect negative":      {args("--server", "--bootstrap-expect=-1"), []string{"--bootstrap-expect"}},
		"expect no server":     {args("--bootstrap-expect=1"), []string{"--bootstrap-expect", "--server"}},
		"bootstrap":            {file("yml", "bootstrap: true"), []string{"bootstrap", "--server"}},
		"dev no server":        {args("--dev", "--server=false"), []string{"--dev"}},
		"origin path":          {args("--http-allowed-origins=https://a.example,https://b.example/ui"), []string{"--http-allowed-origins", `"https://b.example/ui"`}},
		"origin scheme":        {env("DKRON_HTTP_ALLOWED_ORIGINS=ops.example.com"), []string{"--http-allowed-origins", "https://ops.example.com"}},
		"origin null":          {args("--http-allowed-origins=null"), []string{"--http-allowed-origins"}},
		"half a certificate":   {args("--cert-file=c"), []string{"--cert-file", "--key-file"}},
		"key alone":            {args("--key-file=c"), []string{"--key-file", "--cert-file"}},
		"authority alone":      {args("--trusted-ca-file=c"), []string{"--trusted-ca-file", "--cert-file"}},
		"TLS without one":      {args("--require-tls", "--cert-file=c", "--key-file=k"), []string{"--require-tls", "--trusted-ca-file"}},
		"a short secret":       {env("DKRON_JOIN_SECRET=fifteen letters"), []string{"--join-secret (DKRON_JOIN_SECRET)", "less than 16 characters", "keygen"}},
		"two secrets":          {args("--join-secret=correct horse battery", "--join-secret-file=f"), []string{"--join-secret", "--join-secret-file: --join-secret is set too"}},
		"clients without one":  {args("--client-cert-auth"), []string{"--client-cert-auth", "--trusted-ca-file"}},
		"revoked without one":  {args("--client-crl-file=f"), []string{"--client-crl-file", "--trusted-ca-file"}},
		"both and neither":     {args("--client-cert-auth", "--disable-http-tls", "--trusted-ca-file=a", "--cert-file=c", "--key-file=k"), []string{"--client-cert-auth", "--disable-http-tls"}},
		"secrets key":          {env("DKRON_SECRETS_KEY=" + key16), []string{"secrets-key", "key number 1", "has 16 bytes", "keygen"}},
		"two kinds of keys":    {input{args: []string{"--secrets-key-file=k"}, env: []string{"DKRON_SECRETS_KEY=" + key32}}, []string{"--secrets-key-file", "--secrets-key-file: secrets-key (DKRON_SECRETS_KEY) is set too"}},
		"statsd":               {args("--statsd-addr=localhost"), []string{"--statsd-addr", "host:port", "unix:///path"}},
		"dogstatsd":            {args("--dog-statsd-addr=unix://relative"), []string{"--dog-statsd-addr"}},
		"dogstatsd tags":       {args("--dog-statsd-tags=a|b"), []string{"--dog-statsd-tags", "k:v"}},
		"two problems":         {args("--profile=moon", "--raft-log=x"), []string{"--profile", "--raft-log"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tc.in.load(t)
			wantError(t, err, tc.want...)
		})
	}
}

func TestAccessControlHasOneSettingWithAFlagAKeyAndAVariable(t *testing.T) {
	for name, in := range map[string]input{
		"flag": args("--acl-enabled"), "file": file("yml", "acl:\n  enabled: true"), "environment": env("DKRON_ACL_ENABLED=true"),
	} {
		if c, _ := in.mustLoad(t); !c.ACLEnabled {
			t.Errorf("%s: it is off", name)
		}
	}
	if c, _ := (input{args: []string{"--acl-enabled=false"}, env: []string{"DKRON_ACL_ENABLED=true"}}).mustLoad(t); c.ACLEnabled {
		t.Error("the flag does not win")
	}
	_, _, err := args("--username=u").load(t)
	wantError(t, err, "--username", "--password")
	args("--username=u", "--password=p").mustLoad(t)
}

func TestTagsComeFromTheHighestSource(t *testing.T) {
	tagsFile := map[string]string{"/etc/dkron/dkron.yml": "tags: {A: File, b: 2}"}
	bothFile := map[string]string{"/etc/dkron/dkron.yml": "tags: {A: 1}\ntag: [B=2, 'c=x=y z']"}
	for name, tc := range map[string]struct {
		in   input
		want map[string]string
	}{
		"file map keeps case":      {input{files: tagsFile}, map[string]string{"A": "File", "b": "2"}},
		"file tag wins":            {input{files: bothFile}, map[string]string{"B": "2", "c": "x=y z"}},
		"file tag text":            {file("yml", "tag: a=1 b=2"), map[string]string{"a": "1", "b": "2"}},
		"env tag wins over file":   {input{env: []string{"DKRON_TAG=a=1 b=2"}, files: tagsFile}, map[string]string{"a": "1", "b": "2"}},
		"env tags wins over file":  {input{env: []string{`DKRON_TAGS={"X":"y"}`}, files: bothFile}, map[string]string{"X": "y"}},
		"env tag with commas":      {env("DKRON_TAG=a=1,b=2, c=3,"), map[string]string{"a": "1", "b": "2", "c": "3"}},
		"env tag value with comma": {env("DKRON_TAG=a=1,2 b=3"), map[string]string{"a": "1,2", "b": "3"}},
		"flag wins":                {input{args: []string{"--tag=a=1,b=2", "--tag=c=x y"}, env: []string{"DKRON_TAG=z=1"}}, map[string]string{"a": "1", "b": "2", "c": "x y"}},
		"none":                     {input{}, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := tc.in.mustLoad(t)
			if !maps.Equal(c.Tags, tc.want) {
				t.Errorf("got %v, want %v", c.Tags, tc.want)
			}
		})
	}
}

func TestBadTagsAreRefused(t *testing.T) {
	for _, tag := range []string{"x", "=x"} {
		_, _, err := args("--tag=" + tag).load(t)
		wantError(t, err, "--tag", fmt.Sprintf("invalid tag: '%s'", tag), "key=value")
	}
	_, _, err := file("yml", `tags: {"": x}`).load(t)
	wantError(t, err, "invalid tag: '=x'")
	for _, key := range []string{"version", "server", "bootstrap", "expect", "port", "rpc_addr", "stopping", "dkron_cluster", "dkron_speaks"} {
		_, _, err := args("--tag=" + key + "=true").load(t)
		wantError(t, err, "--tag", key, "choose another name")
		_, _, err = file("yml", "tags: {"+key+": 1}").load(t)
		wantError(t, err, "tags", key)
	}
}

func TestDatacenterAndRegionTagsAreReplaced(t *testing.T) {
	c, src := args("--tag=region=zz,dc=yy,a=b").mustLoad(t)
	if !maps.Equal(c.Tags, map[string]string{"a": "b"}) {
		t.Errorf("got %v", c.Tags)
	}
	wantWarnings(t, src.Warnings, "tag dc is replaced by --datacenter", "tag region is replaced by --region")
}

func TestEncryptKeysKeepTheirOrder(t *testing.T) {
	for _, in := range []input{args("--encrypt", key32+","+key16), env("DKRON_ENCRYPT=" + key32 + "," + key16),
		file("yml", "encrypt: ["+key32+", "+key16+"]")} {
		c, _ := in.mustLoad(t)
		keys, err := c.EncryptKeys()
		if err != nil || len(keys) != 2 || len(keys[0]) != 32 || len(keys[1]) != 16 {
			t.Errorf("got %v, %v", keys, err)
		}
	}
	if keys, err := config.Default().EncryptKeys(); len(keys) != 0 || err != nil {
		t.Errorf("got %v, %v", keys, err)
	}
}

func TestWhatCanBeCorrectedIsWarnedOf(t *testing.T) {
	c, src := args("--log-level=loud", "--node-name=a b", "--join=a", "--retry-join=b", "--raft-multiplier=0").mustLoad(t)
	wantWarnings(t, src.Warnings, `unknown level "loud", using info`, `"a b" has characters`, "--join: ignored")
	if c.LogLevel != "info" || c.RaftMultiplier != 1 {
		t.Errorf("got %s", c)
	}
	if c, src := args("--log-level=WARNING").mustLoad(t); c.LogLevel != "warn" || len(src.Warnings) > 0 {
		t.Errorf("got %q, %q", c.LogLevel, src.Warnings)
	}
}

func TestOriginsAreThoseThatBrowsersName(t *testing.T) {
	c, _ := args("--http-allowed-origins=https://ops.example.com,http://localhost:3000/", "--http-allowed-origins=*").mustLoad(t)
	if got := fmt.Sprint(c.HTTPAllowedOrigins); got != "[https://ops.example.com http://localhost:3000/ *]" {
		t.Error(got)
	}
	if len(config.Default().HTTPAllowedOrigins) != 0 {
		t.Error("no origin is allowed by default")
	}
}
