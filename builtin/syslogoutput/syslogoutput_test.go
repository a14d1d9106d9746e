package syslogoutput

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"dkron/plugin"
)

// finished is a result.
func finished(output string, config map[string]string) *plugin.ProcessRequest {
	at := time.Date(2025, 11, 29, 8, 40, 1, 500_000_000, time.UTC)
	return &plugin.ProcessRequest{
		JobName: "backup", NodeName: "node1", ReportingNode: "leader", ExecutionID: "1764405600000000001-node1", Config: config,
		StartedAt: at.Add(-time.Second), FinishedAt: at, Success: true, Outcome: "success", Output: []byte(output),
	}
}

func TestConfigurationsAreJudged(t *testing.T) {
	for _, c := range []struct {
		config map[string]string
		want   string
	}{
		{nil, ""},
		{map[string]string{"address": "udp://logs", "facility": "LOCAL0", "severity": "notice", "format": "rfc5424", "split": "true", "tag": "a-b"}, ""},
		{map[string]string{"address": "unix:///run/log"}, ""},
		{map[string]string{"address": "logs:514"}, "address begins with none of udp://, tcp://, tls:// and unix://, so nothing is sent; write one such as udp://logs.example.com:514 or unix:///dev/log"},
		{map[string]string{"address": "udp://"}, "address is not a host, perhaps with a port, after udp://, so nothing is sent; write one such as udp://logs.example.com:514 or unix:///dev/log"},
		{map[string]string{"address": "unix://dev/log"}, "address has no path after unix://, so nothing is sent; write one such as udp://logs.example.com:514 or unix:///dev/log"},
		{map[string]string{"format": "rfc5424"}, "format is rfc5424, which most syslog daemons do not expect on a local socket; leave it out, or write an address on the network"},
		{map[string]string{"facility": "all"}, `facility is "all", which is unknown, so it is cron; write one of ` + strings.Join(facilities, ", ")},
		{map[string]string{"severity": "error"}, `severity is "error", which is unknown, so it is info; write one of emerg, alert, crit, err, warning, notice, info, debug`},
		{map[string]string{"split": "yes"}, `split "yes" is not a boolean, using false; write "true" or "false"`},
		{map[string]string{"tag": "a b"}, `tag has characters that a tag can't have, or more than 48, so it is "a_b"; write letters, digits and hyphens`},
		{map[string]string{"address": "tcp://a", "tlsRootCAsFile": "/a"}, "address begins with tcp://, so the keys of TLS have no effect; write tls://"},
		{map[string]string{"tlsNoVerifyPeer": "true"}, "address is empty, so the keys of TLS have no effect; write one such as tls://logs.example.com:6514"},
		{map[string]string{"forward": "yes"}, `forward is "yes", which is not a boolean, so it counts as false; write "true" or "false"`},
	} {
		var got []string
		for _, p := range New().Check(c.config) {
			got = append(got, p.Key+" "+p.Text)
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%v: %q", c.config, got)
		}
	}
}

func TestMessagesHaveWhatTheFormatsAsk(t *testing.T) {
	result := finished("one\r\ntwo\x00\n", map[string]string{"format": "rfc5424", "tag": "a"})
	result.JobName, result.NodeName = `my "job"`, ""
	c, _ := read(result.Config)
	const about = `job="my \"job\"" node="" execution=1764405600000000001-node1 outcome=success: `
	got := string(c.framed(c.messages(result, true)[0]))
	want := "<78>1 2025-11-29T08:40:01.500000Z leader a - - - " + about + "one\r\ntwo\x00"
	if got != fmt.Sprint(len(want), " ", want) {
		t.Errorf("%q", got)
	}
	c.exact = false
	got = string(c.framed(c.messages(result, true)[0]))
	if want := "<78>" + result.FinishedAt.Local().Format(time.Stamp) + " leader a: " + about + "one#015#012two#000\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := string(cut([]byte(strings.Repeat("ü", 100)), 101)); len(got) > 101 || !strings.HasSuffix(got, "ü [cut: 132 more bytes]") {
		t.Errorf("%q", got)
	}
}

func TestAServerThatReadsNothingEndsInTime(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.Read(make([]byte, 1)) // from then on it reads nothing
		cancel()
		<-t.Context().Done()
	}()
	began := time.Now()
	_, err = New().Process(ctx, finished(strings.Repeat("x", 20<<20), map[string]string{"address": "tcp://" + l.Addr().String()}))
	if err == nil || !strings.Contains(err.Error(), "in time") || time.Since(began) > 30*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}
