package gcppubsub_test

import (
	"maps"
	"strings"
	"testing"

	"dkron/plugin"
	"dkron/plugins-gcp/gcppubsub"
)

func TestCheckSaysWhatAnExecutionWouldFailFor(t *testing.T) {
	fine := map[string]string{"project": "p", "topic": "nightly", "data": "AA=="}
	for name, x := range map[string]struct {
		config map[string]string // added to one that is fine
		text   string            // key and text of the problem
		fails  string            // the error of executions; empty if they continue
	}{
		"no project":       {map[string]string{"project": ""}, "project is empty", "missing project"},
		"no topic":         {map[string]string{"topic": ""}, "topic is empty", "missing topic"},
		"no name":          {map[string]string{"topic": "a b"}, "topic is not the id of a topic", "topic is not the id of a topic"},
		"no message":       {map[string]string{"data": ""}, "data and attributes are both empty", "convert config to pubsub message: at least one of these fields should be set 'attributes, data'"},
		"attributes":       {map[string]string{"attributes": `{"a": 1}`}, "attributes is not a JSON object of strings, so every execution fails", "convert config to pubsub message: invalid attributes JSON: json: cannot unmarshal number"},
		"base64":           {map[string]string{"data": "a b"}, "data is not base64 (illegal base64 data at input byte 1)", "convert config to pubsub message: invalid encoded data: illegal base64 data at input byte 1"},
		"reserved":         {map[string]string{"attributes": `{"googa": "b"}`}, `attributes has the name "googa", so every execution fails`, `attributes has the name "googa"`},
		"long value":       {map[string]string{"attributes": `{"a": "` + strings.Repeat("b", 1025) + `"}`}, `attributes has a value that is longer than 1024 bytes`, "attributes has a value"},
		"long key":         {map[string]string{"orderingKey": strings.Repeat("b", 1025)}, `orderingKey is longer than 1024 bytes`, "orderingKey is longer"},
		"endpoint":         {map[string]string{"endpoint": "http://localhost"}, "endpoint is not host:port", "endpoint is not host:port"},
		"endpoint's path":  {map[string]string{"endpoint": "localhost:1/v1"}, "endpoint is not host:port", "endpoint is not host:port"},
		"credentials":      {map[string]string{"endpoint": "http://localhost:1", "credentialsFile": "/x"}, "credentialsFile is not used, since endpoint is that of an emulator", ""},
		"timeout in words": {map[string]string{"timeout": "5s"}, `timeout "5s" is not a number of seconds, using 15`, ""},
		"milliseconds":     {map[string]string{"timeout": "15000"}, `timeout 15000 is a number of seconds; if you mean milliseconds, write "15"`, ""},
		"no limit":         {map[string]string{"timeout": "-1"}, `timeout -1 means that there is no limit`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := gcppubsub.New()
			config := maps.Clone(fine)
			maps.Copy(config, x.config)
			problems := e.Check(config)
			if len(problems) == 0 || !strings.HasPrefix(problems[0].Key+" "+problems[0].Text, x.text) {
				t.Fatalf("got %+v, want %q", problems, x.text)
			}
			if hopeless := problems[0].Severity == plugin.Hopeless; hopeless != (x.fails != "") {
				t.Errorf("hopeless is %t, and executions fail with %q", hopeless, x.fails)
			}
			if x.fails == "" {
				return
			}
			if response, _ := run(t.Context(), t, e, config); !strings.HasPrefix(response.Error, x.fails) {
				t.Errorf("error %q, want %q", response.Error, x.fails)
			}
		})
	}
	if problems := gcppubsub.New().Check(map[string]string{"project": "p", "topic": "nightly", "attributes": `{"a": "b"}`, "endpoint": "us-east1-pubsub.googleapis.com", "timeout": "0"}); len(problems) > 0 {
		t.Errorf("a good configuration has problems: %+v", problems)
	}
}
