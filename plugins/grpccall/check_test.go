package grpccall_test

import (
	"strings"
	"testing"

	"dkron/plugin"
	"dkron/plugins/grpccall"
	"dkron/plugins/internal/plugintest"
)

const fine = "127.0.0.1:50051/helloworld.Greeter/SayHello"

func TestCheckSaysWhatAnExecutionWouldFailFor(t *testing.T) {
	for name, x := range map[string]struct {
		config map[string]string
		text   string // key and text of the problem
		fails  string // the error of executions; empty if they continue
	}{
		"no url":             {map[string]string{}, "url is empty; it must be host:port/package.Service/Method", "url is empty"},
		"no path":            {map[string]string{"url": "127.0.0.1:50051"}, "url names no method", "we require at least a url and a path to do a proto request"},
		"no method":          {map[string]string{"url": "127.0.0.1:50051/Greeter"}, "url names no method of a service", "url names no method of a service"},
		"no port":            {map[string]string{"url": "127.0.0.1/a.B/C"}, "url has no host and port", "url has no host and port"},
		"another protocol":   {map[string]string{"url": "https://127.0.0.1:1/a.B/C"}, `url begins with "https://", which is not a call of gRPC`, "url begins with"},
		"TLS keys, no TLS":   {map[string]string{"url": "grpc://" + fine, "tlsNoVerifyPeer": "true"}, "url begins with grpc://, which is without TLS, but keys of TLS are set", "url begins with grpc://"},
		"timeout in words":   {map[string]string{"url": fine, "timeout": "2m"}, `timeout "2m" is not a number of seconds, so every execution fails; write whole seconds`, "Invalid timeout"},
		"milliseconds":       {map[string]string{"url": fine, "timeout": "30000"}, `timeout 30000 is a number of seconds, 8h20m0s; if you mean milliseconds, write "30"`, ""},
		"no limit":           {map[string]string{"url": fine, "timeout": "-1"}, `timeout -1 means that there is no limit`, ""},
		"a status of HTTP":   {map[string]string{"url": fine, "expectCode": "200"}, `expectCode "200" is not a status of gRPC, so every execution fails`, "Invalid expectCode"},
		"headers of another": {map[string]string{"url": fine, "headers": `{"a": "b"}`}, "headers is a JSON object, so every execution fails; write a JSON array", "Parsing headers failed"},
		"no colon":           {map[string]string{"url": fine, "headers": `["secret"]`}, "headers has no name and colon in entry 1", "Parsing headers failed"},
		"bad name":           {map[string]string{"url": fine, "headers": `["a b: c"]`}, "headers has a name in entry 1 that is not made of letters", "Parsing headers failed"},
		"bad value":          {map[string]string{"url": fine, "headers": `["a: ü"]`}, "headers has a value in entry 1 that is not plain ASCII", "Parsing headers failed"},
		"bad binary":         {map[string]string{"url": fine, "headers": `["a-bin: !"]`}, "headers has a value in entry 1 that is not base64", "Parsing headers failed"},
		"reserved":           {map[string]string{"url": fine, "headers": `["grpc-x: 1"]`}, "headers has a name in entry 1 that begins with grpc-", ""},
		"no JSON":            {map[string]string{"url": fine, "body": `{"a"`}, "body is not JSON (unexpected EOF), so every execution fails", "Failed querying reflection server: unexpected EOF"},
		"half a certificate": {map[string]string{"url": fine, "tlsCertificateFile": "/a"}, "tlsCertificateFile is set without tlsCertificateKeyFile", "tlsCertificateFile and tlsCertificateKeyFile must be set together"},
		"no boolean":         {map[string]string{"url": fine, "tlsNoVerifyPeer": "yes"}, `tlsNoVerifyPeer "yes" is not a boolean, using false`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := grpccall.New()
			problems := e.Check(x.config)
			if len(problems) == 0 || !strings.HasPrefix(problems[0].Key+" "+problems[0].Text, x.text) {
				t.Fatalf("got %+v, want %q", problems, x.text)
			}
			if hopeless := problems[0].Severity == plugin.Hopeless; hopeless != (x.fails != "") && problems[0].Severity != plugin.Odd {
				t.Errorf("hopeless is %t, and executions fail with %q", hopeless, x.fails)
			}
			if x.fails == "" {
				return
			}
			response, output := plugintest.Run(t, e, x.config)
			if !strings.HasPrefix(response.Error, x.fails) || strings.Contains(response.Error+output, "secret") {
				t.Errorf("error %q, output %q, want %q", response.Error, output, x.fails)
			}
		})
	}
	if problems := grpccall.New().Check(map[string]string{"url": fine, "body": `{"name": "world"}`, "headers": `["a: b"]`, "timeout": "5", "expectCode": "0, NotFound,CANCELLED"}); len(problems) > 0 {
		t.Errorf("a good configuration has problems: %+v", problems)
	}
}
