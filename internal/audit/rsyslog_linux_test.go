package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dkron/internal/certtest"
	"dkron/internal/porttest"
)

const rsyslogConfig = `global(workDirectory="DIR" maxMessageSize="128k" net.enabledns="off"
  defaultNetstreamDriverCAFile="DIR/cert.pem" defaultNetstreamDriverCertFile="DIR/cert.pem" defaultNetstreamDriverKeyFile="DIR/key.pem")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp")
input(type="imuxsock" Socket="DIR/dev.log" ParseTrusted="off" UsePIDFromSystem="off" RateLimit.Interval="0" UseSysTimeStamp="off")
input(type="imudp" address="127.0.0.1" port="PORT-UDP")
input(type="imtcp" address="127.0.0.1" port="PORT-TCP")
input(type="imtcp" address="127.0.0.1" port="PORT-TLS" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
template(name="json" type="string" string="%jsonmesg%\n")
if $programname == "dkron" then action(type="omfile" file="DIR/out" template="json")
`

// rsyslog is a syslog daemon of its own for a test.
type rsyslog struct {
	t                *testing.T
	dir              string
	udp, tcp, secure string
	stop             func()
}

func newRsyslog(t *testing.T) *rsyslog {
	t.Helper()
	for _, file := range []string{"/usr/sbin/rsyslogd", "/usr/lib/*/rsyslog/lmnsd_gtls.so"} {
		if found, err := filepath.Glob(file); err != nil || len(found) == 0 {
			const missing = "rsyslog is not installed; on Debian: apt-get install rsyslog rsyslog-gnutls"
			if os.Getenv("CI") != "" {
				t.Fatal(missing)
			}
			t.Skip(missing)
		}
	}
	dir, err := os.MkdirTemp("", "syslog") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := &rsyslog{t: t, dir: dir, udp: porttest.Port(t), tcp: porttest.Port(t), secure: porttest.Port(t)}
	t.Setenv("SSL_CERT_FILE", certtest.Make(t, dir).Certificate) // what this machine trusts
	text := strings.NewReplacer("DIR", dir, "PORT-UDP", r.udp, "PORT-TCP", r.tcp, "PORT-TLS", r.secure).Replace(rsyslogConfig)
	if err := os.WriteFile(filepath.Join(dir, "rsyslog.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rsyslog) start() {
	r.t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("/usr/sbin/rsyslogd", "-n", "-f", filepath.Join(r.dir, "rsyslog.conf"), "-i", filepath.Join(r.dir, "pid"))
	cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}, &out, &out
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	r.stop = func() { _ = cmd.Process.Kill(); <-ended }
	r.t.Cleanup(r.stop)
	r.until("rsyslogd listens", func() bool {
		select {
		case <-ended:
			r.t.Fatalf("rsyslogd has ended: %s", out.String())
		default:
		}
		for _, port := range []string{r.tcp, r.secure} {
			conn, err := net.Dial("tcp", "127.0.0.1:"+port)
			if err != nil {
				return false
			}
			conn.Close()
		}
		var number int
		fmt.Sscan(r.udp, &number)
		sockets, err := os.ReadFile("/proc/net/udp")
		return err == nil && strings.Contains(string(sockets), fmt.Sprintf("0100007F:%04X ", number))
	})
}

func (r *rsyslog) until(what string, done func() bool) {
	r.t.Helper()
	for began := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			r.t.Fatal("waited too long until " + what)
		}
	}
}

// logged is what the daemon made of a message.
type logged struct {
	Msg      string `json:"msg"`
	Host     string `json:"hostname"`
	Program  string `json:"programname"`
	Facility string `json:"syslogfacility"`
	Severity string `json:"syslogseverity"`
	Version  string `json:"protocol-version"`
}

// got returns the message with an id, once the daemon has it.
func (r *rsyslog) got(id string) (m logged) {
	r.t.Helper()
	r.until("rsyslogd has "+id, func() bool {
		data, _ := os.ReadFile(filepath.Join(r.dir, "out"))
		for line := range bytes.Lines(data) {
			if m = (logged{}); json.Unmarshal(line, &m) == nil && strings.Contains(m.Msg, `"id":"`+id+`"`) {
				return true
			}
		}
		return false
	})
	return m
}

func TestRsyslogUnderstandsTheAudit(t *testing.T) {
	r := newRsyslog(t)
	r.start()
	for name, address := range map[string]string{
		"udp": "udp://127.0.0.1:" + r.udp, "tcp": "tcp://127.0.0.1:" + r.tcp, "tls": "tls://127.0.0.1:" + r.secure, "unix": "unix://" + filepath.Join(r.dir, "dev.log"),
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
			m := r.got(fmt.Sprintf("%s%d", name, i+1))
			if strings.TrimPrefix(m.Msg, " ") != want || m.Host != "srv-1" && name != "unix" || m.Program != "dkron" || m.Facility != "13" || m.Severity != "5" || (m.Version == "1") == (name == "unix") {
				t.Errorf("%s, message %d: %.300q %.300q", name, i+1, fmt.Sprint(m), want)
			}
		}
	}
}

func TestRsyslogGetsRecordsAgainAfterItsRestart(t *testing.T) {
	r := newRsyslog(t)
	r.start()
	s, err := NewSyslog("tcp://127.0.0.1:"+r.tcp, "srv-1")
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
	r.got("before")
	r.stop()
	r.until("a write fails", func() bool { return write("meanwhile") != nil })
	r.start()
	r.until("a write succeeds", func() bool { return write("after") == nil })
	r.got("after")
}
