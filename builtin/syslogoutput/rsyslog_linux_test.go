package syslogoutput

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"dkron/internal/syslogtest"
)

// records waits until the daemon has so many messages of ours, and returns them.
func records(r *syslogtest.Rsyslog, n int) (ours []syslogtest.Message) {
	r.Wait(fmt.Sprint(n, " messages"), func(all []syslogtest.Message) bool {
		ours = nil
		for _, one := range all {
			if strings.Contains(one.Raw, "job=") {
				ours = append(ours, one)
			}
		}
		return len(ours) >= n
	})
	return ours
}

// address returns the address of a transport, with what it needs.
func address(r *syslogtest.Rsyslog, scheme string) map[string]string {
	switch scheme {
	case "udp":
		return map[string]string{"address": r.UDP}
	case "tcp":
		return map[string]string{"address": r.TCP}
	case "tls":
		return map[string]string{
			"address": r.TLS, "tlsRootCAsFile": r.Files.Certificate,
			"tlsCertificateFile": r.Files.Certificate, "tlsCertificateKeyFile": r.Files.Key,
		}
	}
	return map[string]string{"address": r.Unix}
}

func TestADaemonGetsTheOutputByEveryTransportAndInEveryFormat(t *testing.T) {
	r := syslogtest.Start(t, syslogtest.CertifiedClient)
	n := 0
	for _, scheme := range []string{"unix", "udp", "tcp", "tls"} {
		for _, format := range []string{"rfc3164", "rfc5424"} {
			if scheme == "unix" && format == "rfc5424" {
				continue // daemons do not expect it there
			}
			config := address(r, scheme)
			config["format"], config["tag"] = format, "nightly"
			result := finished("copied 12 files\nand ü\n", config)
			resp, err := New().Process(t.Context(), result)
			if err != nil || string(resp.Output) != "Output in syslog" {
				t.Errorf("%s %s: %v", scheme, format, err)
				continue
			}
			n++
			got := records(r, n)[n-1]
			const want = "job=backup node=node1 execution=1764405600000000001-node1 outcome=success: copied 12 files#012and ü"
			if text := strings.TrimSpace(got.Text); strings.ReplaceAll(text, "\n", "#012") != want || strings.TrimSuffix(got.Tag, ":") != "nightly" ||
				got.Facility != "9" || got.Severity != "6" || (got.Version == "1") != (format == "rfc5424") {
				t.Errorf("%s %s: %+v", scheme, format, got)
			}
			if scheme != "unix" && got.Host != "leader" {
				t.Errorf("%s %s: host %q", scheme, format, got.Host)
			}
			if format == "rfc5424" && !strings.HasPrefix(got.Time, "2025-11-29T08:40:01.5") {
				t.Errorf("%s: time %s", scheme, got.Time)
			}
		}
	}
}

func TestLongOutputsAndManyLinesArrive(t *testing.T) {
	r := syslogtest.Start(t, syslogtest.CertifiedClient)
	long := strings.Repeat("0123456789abcdef", 16_000) // as much as the history keeps
	for i, c := range []struct {
		scheme string
		least  int
		cut    bool
	}{{"tcp", len(long), false}, {"tls", len(long), false}, {"udp", 60_000, true}, {"unix", 60_000, true}} {
		if _, err := New().Process(t.Context(), finished(long, address(r, c.scheme))); err != nil {
			t.Errorf("%s: %v", c.scheme, err)
			continue
		}
		got := records(r, i+1)[i].Text
		if len(got) < c.least || strings.Contains(got, " more bytes]") != c.cut {
			t.Errorf("%s: %d bytes: …%s", c.scheme, len(got), got[len(got)-50:])
		}
	}
	config := address(r, "tcp")
	config["split"], config["severity_failed"] = "true", "err"
	result := finished(strings.Repeat("line\n", maxLines+7), config)
	result.Success, result.Outcome = false, "failed"
	if _, err := New().Process(t.Context(), result); err != nil {
		t.Fatal(err)
	}
	all := records(r, 4+maxLines+1)
	last := all[len(all)-1]
	if len(all) != 4+maxLines+1 || !strings.HasSuffix(last.Text, "outcome=failed: [cut: 7 more lines]") || last.Severity != "3" || !strings.HasSuffix(all[4].Text, ": line") {
		t.Errorf("%d: %+v", len(all), last)
	}
}

func TestACertificateThatTheServerRefusesIsAFailure(t *testing.T) {
	r := syslogtest.Start(t, syslogtest.CertifiedClient)
	config := address(r, "tls")
	delete(config, "tlsCertificateFile")
	delete(config, "tlsCertificateKeyFile")
	if _, err := New().Process(t.Context(), finished("x", config)); err == nil {
		t.Error("the server takes nothing from us, and we believe it does")
	}
	config = address(r, "tls")
	delete(config, "tlsRootCAsFile")
	if _, err := New().Process(t.Context(), finished("x", config)); err == nil || !strings.Contains(err.Error(), "tlsRootCAsFile") {
		t.Error(err)
	}
}

func TestADaemonThatIsNotThereAndComesBack(t *testing.T) {
	r := syslogtest.Start(t, syslogtest.CertifiedClient)
	p := New()
	p.sockets = []string{filepath.Join(t.TempDir(), "none"), strings.TrimPrefix(r.Unix, "unix://")}
	r.Stop()
	for _, scheme := range []string{"", "unix", "tcp", "tls"} {
		config := address(r, scheme)
		if scheme == "" {
			config = nil
		}
		if _, err := p.Process(t.Context(), finished("x", config)); err == nil || !strings.Contains(err.Error(), "syslog") {
			t.Errorf("%s: %v", scheme, err)
		} else {
			t.Log(err)
		}
	}
	r.Restart()
	if _, err := p.Process(t.Context(), finished("x", nil)); err != nil {
		t.Error(err)
	}
	if got := records(r, 1)[0]; got.Input != "imuxsock" || !strings.HasPrefix(got.Raw, "<78>Nov 29 ") || !strings.Contains(got.Raw, " [dkron]: job=backup node=node1 ") {
		t.Errorf("%+v", got)
	}
}
