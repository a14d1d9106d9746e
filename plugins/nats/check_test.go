package nats

import (
	"strings"
	"testing"

	"dkron/plugin"
)

func TestMistakesAreFoundBeforeTheFirstRun(t *testing.T) {
	good := map[string]string{"url": "nats://a", "subject": "s"}
	for _, tt := range []struct {
		config   map[string]string
		want     string
		severity plugin.Severity
	}{
		{with(good, "url", ""), "url is empty; it must be one address", plugin.Hopeless},
		{with(good, "subject", ""), "subject is empty; ", plugin.Hopeless},
		{with(good, "url", "http://a"), `url begins with "http://"; it must be`, plugin.Hopeless},
		{with(good, "url", "nats://a,nats://:4222"), "url names no host", plugin.Hopeless},
		{with(good, "url", " , "), "url names no server", plugin.Hopeless},
		{with(good, "url", "nats://me:s3cret@a:x"), "url can't be parsed", plugin.Hopeless},
		{with(good, "subject", "a b"), "subject \"a b\" has a space", plugin.Hopeless},
		{with(good, "subject", "a..b"), "subject \"a..b\" has an empty word", plugin.Odd},
		{with(good, "subject", "a.*"), "subject \"a.*\" has a wildcard", plugin.Odd},
		{with(good, "timeout", "5s"), `for 5s write "5"`, plugin.Odd},
		{with(good, "headers", `["A b: c"]`), "headers has an invalid name in entry 1", plugin.Odd},
		{with(good, "headers", `["A: b", "A: b\nc"]`), "headers has a line break", plugin.Odd},
		{with(good, "jetstream", "true", "reply", "1"), "reply and jetstream exclude each other", plugin.Hopeless},
		{with(good, "jetstream", "yes"), `jetstream "yes" is not a boolean, using false`, plugin.Odd},
		{with(good, "debug", "false"), "debug is on for any value", plugin.Odd},
		{with(good, "tlsCertificateFile", "a"), "tlsCertificateFile is set without tlsCertificateKeyFile", plugin.Odd},
	} {
		got := New().Check(tt.config)
		if len(got) != 1 || !strings.Contains(got[0].Key+" "+got[0].Text, tt.want) || got[0].Severity != tt.severity || strings.Contains(got[0].Text, "s3cret") {
			t.Errorf("%v: %+v, want %s", tt.config, got, tt.want)
		}
	}
	for _, url := range []string{"nats://a:4222", "a", "a:4222,b", "tls://me:pw@[::1]:1 , ws://b", "10.0.0.1:4222"} {
		if got := New().Check(with(good, "url", url)); len(got) != 0 {
			t.Errorf("%s: %+v", url, got)
		}
	}
	for config, want := range map[string]string{"url": "url is empty", "subject": "subject is empty"} {
		if _, resp := execute(t.Context(), New(), with(good, config, "")); resp.Error != want {
			t.Errorf("%s, want %s", resp.Error, want)
		}
	}
}
