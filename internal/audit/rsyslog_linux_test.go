package audit

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron/internal/syslogtest"
)

// startRsyslog starts a daemon whose certificate this machine trusts, and returns a function that waits for the message with an id.
func startRsyslog(t *testing.T) (r *syslogtest.Rsyslog, got func(id string) syslogtest.Message) {
	t.Helper()
	r = syslogtest.Start(t, syslogtest.AnyClient)
	t.Setenv("SSL_CERT_FILE", r.Files.Certificate)
	return r, func(id string) (m syslogtest.Message) {
		t.Helper()
		r.Wait("the message "+id, func(all []syslogtest.Message) bool {
			for _, m = range all {
				if m.Program == "dkron" && strings.Contains(m.Text, `"id":"`+id+`"`) {
					return true
				}
			}
			return false
		})
		return m
	}
}

func TestRsyslogUnderstandsTheAudit(t *testing.T) {
	r, got := startRsyslog(t)
	for name, address := range map[string]string{
		"udp": r.UDP, "tcp": r.TCP, "tls": r.TLS, "unix": r.Unix,
	} {
		s, err := NewSyslog(address, "srv-1")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		short, long := `{"id":"`+name+`1","who":"Änn \"A\"","detail":"a\nb % <1> ✓"}`, `{"id":"`+name+`2","detail":"`+strings.Repeat("x", 30_000)+`"}`
		if err := s.Write(t.Context(), [][]byte{[]byte(short), []byte(long), []byte(`{"id":"` + name + `3"}`)}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, want := range []string{short, long, `{"id":"` + name + `3"}`} {
			m := got(fmt.Sprintf("%s%d", name, i+1))
			if strings.TrimPrefix(m.Text, " ") != want || m.Host != "srv-1" && name != "unix" || m.Program != "dkron" || m.Facility != "13" || m.Severity != "5" || (m.Version == "1") == (name == "unix") {
				t.Errorf("%s, message %d: %.300q %.300q", name, i+1, fmt.Sprint(m), want)
			}
		}
	}
}

func TestRsyslogGetsRecordsAgainAfterItsRestart(t *testing.T) {
	r, got := startRsyslog(t)
	s, err := NewSyslog(r.TCP, "srv-1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	write := func(id string) error {
		return s.Write(context.Background(), [][]byte{[]byte(`{"id":"` + id + `"}`)})
	}
	if err := write("before"); err != nil {
		t.Fatal(err)
	}
	got("before")
	r.Stop()
	until(t, "a write fails", func() bool { return write("meanwhile") != nil })
	r.Restart()
	until(t, "a write succeeds", func() bool { return write("after") == nil })
	got("after")
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for began := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("waited too long until " + what)
		}
	}
}
