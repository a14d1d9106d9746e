package kafka

import (
	"strings"
	"testing"

	"dkron/plugin"
)

func TestMistakesAreFoundBeforeTheFirstRun(t *testing.T) {
	good := map[string]string{"brokerAddress": "a:9092", "topic": "s"}
	user := with(good, "saslUsername", "me", "saslPassword", "s3cret", "tlsEnable", "true")
	for _, tt := range []struct {
		config   map[string]string
		want     string
		severity plugin.Severity
	}{
		{with(good, "brokerAddress", ""), "brokerAddress is empty; it must be one broker", plugin.Hopeless},
		{with(good, "topic", ""), "topic is empty; ", plugin.Hopeless},
		{with(good, "brokerAddress", " , "), "brokerAddress names no broker", plugin.Hopeless},
		{with(good, "brokerAddress", "kafka://me:s3cret@a:1"), "brokerAddress has a scheme", plugin.Hopeless},
		{with(good, "brokerAddress", "a:x"), "brokerAddress has a wrong port", plugin.Hopeless},
		{with(good, "brokerAddress", ":9092"), "brokerAddress has no host", plugin.Hopeless},
		{with(good, "brokerAddress", "a:1 b:2"), "brokerAddress", plugin.Hopeless},
		{with(good, "topic", "a b"), `topic "a b" is not a name that a topic can have`, plugin.Hopeless},
		{with(good, "topic", strings.Repeat("x", 250)), "is not a name that a topic can have", plugin.Hopeless},
		{with(good, "acks", "2"), `acks "2" is none of all, leader, none; write one of them`, plugin.Hopeless},
		{with(good, "compression", "zip"), `compression "zip" is none of none, gzip, snappy, lz4, zstd`, plugin.Hopeless},
		{with(good, "partition", "-1"), `partition "-1" is not the number of a partition`, plugin.Hopeless},
		{with(good, "timeout", "5s"), `for 5s write "5"`, plugin.Odd},
		{with(good, "tlsEnable", "yes"), `tlsEnable "yes" is not a boolean, using false`, plugin.Odd},
		{with(good, "tlsInsecureSkipVerify", "true"), "tlsInsecureSkipVerify means nothing without tlsEnable", plugin.Odd},
		{with(good, "tlsRootCAsFile", "a"), "tlsRootCAsFile is set without tlsEnable", plugin.Odd},
		{with(good, "saslMechanism", "sha256"), "saslMechanism means nothing without saslUsername", plugin.Odd},
		{with(good, "saslUsername", "me"), "saslUsername is set without saslPassword", plugin.Odd},
		{with(user, "saslMechanism", "SCRAM-SHA-256"), "saslMechanism must be sha256, sha512, plain or oauthbearer", plugin.Hopeless},
		{with(user, "saslMechanism", "plain", "tlsEnable", ""), "saslMechanism plain sends the password so that everybody", plugin.Odd},
		{with(good, "saslMechanism", "oauthbearer", "tlsEnable", "true"), "saslToken is empty; write a token, or set saslTokenUrl", plugin.Hopeless},
		{with(good, "saslMechanism", "oauthbearer", "saslToken", "s3cret"), "saslMechanism without tlsEnable, oauthbearer sends the token so that everybody", plugin.Odd},
		{with(user, "saslMechanism", "oauthbearer", "saslTokenUrl", "login"), "saslTokenUrl is not an address", plugin.Hopeless},
		{with(user, "saslMechanism", "oauthbearer", "saslTokenUrl", "https://a/b", "saslPassword", ""), "saslTokenUrl is set without saslUsername and saslPassword", plugin.Odd},
		{with(user, "saslMechanism", "oauthbearer", "saslTokenUrl", "https://a/b", "saslToken", "s3cret"), "saslTokenUrl is not used, since saslToken is set", plugin.Odd},
		{with(user, "saslMechanism", "sha256", "saslToken", "s3cret"), "saslToken means nothing without the mechanism oauthbearer", plugin.Odd},
		{with(good, "debug", "false"), "debug is on for any value", plugin.Odd},
	} {
		got := New().Check(tt.config)
		if len(got) != 1 || !strings.Contains(got[0].Key+" "+got[0].Text, tt.want) || got[0].Severity != tt.severity || strings.Contains(got[0].Text, "s3cret") {
			t.Errorf("%v: %+v, want %s", tt.config, got, tt.want)
		}
	}
	for _, brokers := range []string{"a", "a:9092, b:9093", "[::1]:9092", "10.0.0.1:9092"} {
		if got := New().Check(with(user, "brokerAddress", brokers, "saslMechanism", "plain", "acks", "-1")); len(got) != 0 {
			t.Errorf("%s: %+v", brokers, got)
		}
	}
	for key, want := range map[string]string{"brokerAddress": "brokerAddress is empty", "topic": "topic is empty"} {
		if _, resp := execute(t.Context(), New(), with(good, key, "")); resp.Error != want {
			t.Errorf("%s, want %s", resp.Error, want)
		}
	}
}
