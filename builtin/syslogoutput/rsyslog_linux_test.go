package syslogoutput

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dkron/internal/certtest"
	"dkron/internal/porttest"
)

// rsyslog is a syslog daemon of its own for a test.
type rsyslog struct {
	dir           string
	socket        string
	udp, tcp, tls string
	authority     certtest.Files
	stop          func()
}

// record is what the daemon made of a message.
type record struct {
	Msg      string `json:"msg"`
	Raw      string `json:"rawmsg"`
	Host     string `json:"hostname"`
	Tag      string `json:"syslogtag"`
	Time     string `json:"timereported"`
	Facility string `json:"syslogfacility"`
	Severity string `json:"syslogseverity"`
	Input    string `json:"inputname"`
	Version  string `json:"protocol-version"`
}

const rsyslogConfig = `global(workDirectory="DIR" maxMessageSize="400k" net.enabledns="off" processInternalMessages="on"
  defaultNetstreamDriverCAFile="DIR/cert.pem" defaultNetstreamDriverCertFile="DIR/cert.pem" defaultNetstreamDriverKeyFile="DIR/key.pem")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp")
input(type="imuxsock" Socket="DIR/dev.log" ParseTrusted="off" UsePIDFromSystem="off" RateLimit.Interval="0" UseSysTimeStamp="off")
input(type="imudp" address="127.0.0.1" port="PORT-UDP")
input(type="imtcp" address="127.0.0.1" port="PORT-TCP")
input(type="imtcp" address="127.0.0.1" port="PORT-TLS" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/certvalid")
template(name="json" type="string" string="%jsonmesg%\n")
action(type="omfile" file="DIR/out" template="json")
`

// startRsyslog starts a daemon. What is installed is not touched. Without rsyslog the test is skipped, but not where all
// tests have to run.
func startRsyslog(t *testing.T) *rsyslog {
	t.Helper()
	for _, file := range []string{"/usr/sbin/rsyslogd", "/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so"} {
		found, err := filepath.Glob(strings.Replace(file, "x86_64-linux-gnu", "*", 1))
		if err != nil || len(found) == 0 {
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
	r := &rsyslog{dir: dir, socket: filepath.Join(dir, "dev.log"), authority: certtest.Make(t, dir)}
	for range 3 { // a port may have been taken in the meantime
		if r.start(t) {
			return r
		}
	}
	out, _ := os.ReadFile(filepath.Join(dir, "log"))
	t.Fatalf("rsyslogd does not start: %s", out)
	return nil
}

func (r *rsyslog) start(t *testing.T) bool {
	t.Helper()
	if r.udp == "" {
		r.udp, r.tcp, r.tls = porttest.Port(t), porttest.Port(t), porttest.Port(t)
	}
	config := strings.NewReplacer("DIR", r.dir, "PORT-UDP", r.udp, "PORT-TCP", r.tcp, "PORT-TLS", r.tls).Replace(rsyslogConfig)
	path := filepath.Join(r.dir, "rsyslog.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(r.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("/usr/sbin/rsyslogd", "-n", "-f", path, "-i", filepath.Join(r.dir, "pid"))
	cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}, out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	r.stop = func() { _ = cmd.Process.Kill(); <-ended }
	t.Cleanup(r.stop)
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if r.listens() {
			return true
		}
		select {
		case <-ended:
			r.udp = ""
			return false
		default:
		}
	}
	return false
}

// listens reports whether the daemon has opened its ports. Each has a thread of its own, so none says anything about the others.
func (r *rsyslog) listens() bool {
	for _, port := range []string{r.tcp, r.tls} {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			return false
		}
		conn.Close()
	}
	number, _ := strconv.Atoi(r.udp)
	sockets, err := os.ReadFile("/proc/net/udp")
	return err == nil && strings.Contains(string(sockets), fmt.Sprintf("0100007F:%04X ", number))
}

// records waits until the daemon has so many messages of ours, and returns them.
func (r *rsyslog) records(t *testing.T, n int) (all []record) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		all = nil
		data, _ := os.ReadFile(filepath.Join(r.dir, "out"))
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 10<<20)
		for lines.Scan() {
			var one record
			if json.Unmarshal(lines.Bytes(), &one) == nil && strings.Contains(one.Raw, "job=") {
				all = append(all, one)
			}
		}
		if len(all) >= n {
			return all
		}
		if time.Since(began) > 20*time.Second {
			log, _ := os.ReadFile(filepath.Join(r.dir, "log"))
			t.Fatalf("%d messages, want %d; all: %s\nlog: %s", len(all), n, data, log)
		}
	}
}

// address returns the address of a transport, with what it needs.
func (r *rsyslog) address(scheme string) map[string]string {
	switch scheme {
	case "udp":
		return map[string]string{"address": "udp://127.0.0.1:" + r.udp}
	case "tcp":
		return map[string]string{"address": "tcp://127.0.0.1:" + r.tcp}
	case "tls":
		return map[string]string{
			"address": "tls://127.0.0.1:" + r.tls, "tlsRootCAsFile": r.authority.Certificate,
			"tlsCertificateFile": r.authority.Certificate, "tlsCertificateKeyFile": r.authority.Key,
		}
	}
	return map[string]string{"address": "unix://" + r.socket}
}

func TestADaemonGetsTheOutputByEveryTransportAndInEveryFormat(t *testing.T) {
	r := startRsyslog(t)
	n := 0
	for _, scheme := range []string{"unix", "udp", "tcp", "tls"} {
		for _, format := range []string{"rfc3164", "rfc5424"} {
			if scheme == "unix" && format == "rfc5424" {
				continue // daemons do not expect it there
			}
			config := r.address(scheme)
			config["format"], config["tag"] = format, "nightly"
			result := finished("copied 12 files\nand ü\n", config)
			resp, err := New().Process(t.Context(), result)
			if err != nil || string(resp.Output) != "Output in syslog" {
				t.Errorf("%s %s: %v", scheme, format, err)
				continue
			}
			n++
			got := r.records(t, n)[n-1]
			const want = "job=backup node=node1 execution=1764405600000000001-node1 outcome=success: copied 12 files#012and ü"
			if text := strings.TrimSpace(got.Msg); strings.ReplaceAll(text, "\n", "#012") != want || strings.TrimSuffix(got.Tag, ":") != "nightly" ||
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
	r := startRsyslog(t)
	long := strings.Repeat("0123456789abcdef", 16_000) // as much as the history keeps
	for i, c := range []struct {
		scheme string
		least  int
		cut    bool
	}{{"tcp", len(long), false}, {"tls", len(long), false}, {"udp", 60_000, true}, {"unix", 60_000, true}} {
		if _, err := New().Process(t.Context(), finished(long, r.address(c.scheme))); err != nil {
			t.Errorf("%s: %v", c.scheme, err)
			continue
		}
		got := r.records(t, i+1)[i].Msg
		if len(got) < c.least || strings.Contains(got, " more bytes]") != c.cut {
			t.Errorf("%s: %d bytes: …%s", c.scheme, len(got), got[len(got)-50:])
		}
	}
	config := r.address("tcp")
	config["split"], config["severity_failed"] = "true", "err"
	result := finished(strings.Repeat("line\n", maxLines+7), config)
	result.Success, result.Outcome = false, "failed"
	if _, err := New().Process(t.Context(), result); err != nil {
		t.Fatal(err)
	}
	all := r.records(t, 4+maxLines+1)
	last := all[len(all)-1]
	if len(all) != 4+maxLines+1 || !strings.HasSuffix(last.Msg, "outcome=failed: [cut: 7 more lines]") || last.Severity != "3" || !strings.HasSuffix(all[4].Msg, ": line") {
		t.Errorf("%d: %+v", len(all), last)
	}
}

func TestACertificateThatTheServerRefusesIsAFailure(t *testing.T) {
	r := startRsyslog(t)
	config := r.address("tls")
	delete(config, "tlsCertificateFile")
	delete(config, "tlsCertificateKeyFile")
	if _, err := New().Process(t.Context(), finished("x", config)); err == nil {
		t.Error("the server takes nothing from us, and we believe it does")
	}
	config = r.address("tls")
	delete(config, "tlsRootCAsFile")
	if _, err := New().Process(t.Context(), finished("x", config)); err == nil || !strings.Contains(err.Error(), "tlsRootCAsFile") {
		t.Error(err)
	}
}

func TestADaemonThatIsNotThereAndComesBack(t *testing.T) {
	r := startRsyslog(t)
	p := New()
	p.sockets = []string{filepath.Join(r.dir, "none"), r.socket}
	r.stop()
	for _, scheme := range []string{"", "unix", "tcp", "tls"} {
		config := r.address(scheme)
		if scheme == "" {
			config = nil
		}
		if _, err := p.Process(t.Context(), finished("x", config)); err == nil || !strings.Contains(err.Error(), "syslog") {
			t.Errorf("%s: %v", scheme, err)
		} else {
			t.Log(err)
		}
	}
	if !r.start(t) {
		t.Fatal("it does not start again")
	}
	if _, err := p.Process(t.Context(), finished("x", nil)); err != nil {
		t.Error(err)
	}
	if got := r.records(t, 1)[0]; got.Input != "imuxsock" || !strings.HasPrefix(got.Raw, "<78>Nov 29 ") || !strings.Contains(got.Raw, " [dkron]: job=backup node=node1 ") {
		t.Errorf("%+v", got)
	}
}
