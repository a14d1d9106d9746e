package docker

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"dkron/plugin"
)

func TestCheckSaysWhatIsWrongAndWhatWouldBeRight(t *testing.T) {
	fine := map[string]string{"image": "alpine"}
	for name, x := range map[string]struct {
		config   map[string]string // added to one that is fine
		text     string            // key and text of the problem
		severity plugin.Severity
	}{
		"no image":            {map[string]string{"image": ""}, `image is empty; write an image, such as "alpine:3.22"`, plugin.Hopeless},
		"bad image":           {map[string]string{"image": "Alpine:x:y"}, "image is not the name of an image (", plugin.Hopeless},
		"operator":            {map[string]string{"command": "a | b"}, `command has the operator "|", and no shell would see it; quote it, or set entrypoint to "/bin/sh -c"`, plugin.Odd},
		"quote":               {map[string]string{"entrypoint": "'a"}, "entrypoint has a quote, bracket or backslash without its end", plugin.Odd},
		"env":                 {map[string]string{"env": "A=1,B"}, `env has an entry without a name and "=", which is ignored`, plugin.Odd},
		"labels":              {map[string]string{"labels": "dkron.job=x"}, `labels has "dkron.job", which is ignored`, plugin.Odd},
		"volume":              {map[string]string{"volumes": "/a"}, `volumes has the entry "/a", which is not host:container`, plugin.Hopeless},
		"relative volume":     {map[string]string{"volumes": "./a:/b"}, `volumes has the folder "./a", which is not absolute`, plugin.Hopeless},
		"payload":             {map[string]string{"payload": "a b"}, "payload is not base64, so every execution fails: illegal base64 data at input byte 1", plugin.Odd},
		"timeout":             {map[string]string{"timeout": "10"}, `timeout "10" is not a duration; write one such as 90s or 1h30m`, plugin.Hopeless},
		"negative timeout":    {map[string]string{"timeout": "-5s"}, "timeout -5s is negative and means 0", plugin.Odd},
		"long grace":          {map[string]string{"stopTimeout": "1m"}, "stopTimeout 1m0s is longer than the agent waits for a plugin, using 8s", plugin.Odd},
		"memory":              {map[string]string{"memory": "64 M"}, "memory is not a size (unknown unit", plugin.Hopeless},
		"too little memory":   {map[string]string{"memory": "64"}, `memory "64" is less than an engine accepts; write at least 6MB`, plugin.Hopeless},
		"cpus":                {map[string]string{"cpus": "two"}, `cpus "two" is not a number of processors; write such as 0.5 or 2`, plugin.Hopeless},
		"infinite cpus":       {map[string]string{"cpus": "NaN"}, `cpus "NaN" is not a number of processors`, plugin.Hopeless},
		"pull":                {map[string]string{"pull": "Always"}, `pull is "Always"; write always, missing or never`, plugin.Hopeless},
		"user":                {map[string]string{"registryUser": "u"}, "registryUser is set without registryPassword", plugin.Odd},
		"password":            {map[string]string{"registryPassword": "s3cret"}, "registryPassword is set without registryUser", plugin.Odd},
		"both":                {map[string]string{"registryUser": "u", "registryPassword": "s3cret", "registryToken": "s3cret"}, "registryToken is not used", plugin.Odd},
		"platform":            {map[string]string{"platform": "arm64"}, "platform is not system/architecture", plugin.Hopeless},
		"name":                {map[string]string{"name": "a b"}, "name is not the name of a container", plugin.Hopeless},
		"host":                {map[string]string{"host": "/var/run/docker.sock"}, "host is not the address of an engine; write such as unix:///var/run/docker.sock", plugin.Hopeless},
		"scheme":              {map[string]string{"host": "ssh://me@there"}, `host has the scheme "ssh", which is not supported; write unix://, tcp:// or npipe://`, plugin.Hopeless},
		"no TLS":              {map[string]string{"host": "tcp://there:2376"}, "host has the port for TLS, and no key of TLS is set", plugin.Odd},
		"TLS without a host":  {map[string]string{"tlsRootCAsFile": "/ca.pem"}, "host is empty, so the keys of TLS are not used", plugin.Odd},
		"half a certificate":  {map[string]string{"host": "tcp://there:2376", "tlsCertificateFile": "/c.pem"}, "tlsCertificateFile is set without tlsCertificateKeyFile", plugin.Odd},
		"not a boolean":       {map[string]string{"privileged": "yes"}, `privileged "yes" is not a boolean, using false`, plugin.Odd},
		"debug that is false": {map[string]string{"debug": "false"}, `debug is on for any value, even "false"`, plugin.Odd},
	} {
		t.Run(name, func(t *testing.T) {
			config := maps.Clone(fine)
			maps.Copy(config, x.config)
			problems := New().Check(config)
			if len(problems) == 0 || !strings.HasPrefix(problems[0].Key+" "+problems[0].Text, x.text) || problems[0].Severity != x.severity {
				t.Fatalf("got %+v, want %q", problems, x.text)
			}
			for _, p := range problems {
				if strings.Contains(p.Text, "s3cret") {
					t.Errorf("a secret is shown: %+v", p)
				}
			}
		})
	}
	for _, config := range []map[string]string{
		{"image": "registry.example.com:5000/team/report@sha256:" + strings.Repeat("a", 64), "volumes": `/a:/b:ro,cache:/c,C:\d:/e`, "memory": "64MB", "cpus": "1.5"},
		{"image": "alpine", "host": "tcp://there:2376", "tlsRootCAsFile": "/ca.pem", "tlsCertificateFile": "/c.pem", "tlsCertificateKeyFile": "/k.pem", "platform": "linux/arm/v7"},
	} {
		if problems := New().Check(config); len(problems) > 0 {
			t.Errorf("a good configuration has problems: %+v", problems)
		}
	}
}

// Every key is described, and only secrets are passwords.
func TestEachKeyIsDescribed(t *testing.T) {
	var s struct {
		Properties map[string]struct{ Description, Format string }
	}
	if err := json.Unmarshal(New().Describe(), &s); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"image", "command", "env", "volumes", "pull", "entrypoint", "network", "user", "workdir", "memory", "cpus", "timeout", "registryUser",
		"registryPassword", "registryToken", "host", "remove", "payload", "labels", "name", "platform", "privileged", "stopTimeout", "tlsRootCAsFile", "debug"} {
		p, ok := s.Properties[key]
		if !ok || p.Description == "" {
			t.Errorf("%s is not described", key)
		}
		if secret := key == "registryPassword" || key == "registryToken"; secret != (p.Format == "password") {
			t.Errorf("%s has the format %q", key, p.Format)
		}
	}
}
