package syslogtest

import (
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

// within is how long the daemon may take to do what is expected. It only proves that a test ends.
const within = time.Minute

// How the daemon treats clients over TLS.
const (
	AnyClient       = "anon"           // none needs a certificate
	CertifiedClient = "x509/certvalid" // each needs one that the daemon's authority has signed
)

const rsyslogConfig = `global(workDirectory="DIR" maxMessageSize="400k" net.enabledns="off"
  defaultNetstreamDriverCAFile="DIR/cert.pem" defaultNetstreamDriverCertFile="DIR/cert.pem" defaultNetstreamDriverKeyFile="DIR/key.pem")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp")
input(type="imuxsock" Socket="DIR/dev.log" ParseTrusted="off" UsePIDFromSystem="off" RateLimit.Interval="0" UseSysTimeStamp="off")
input(type="imudp" address="127.0.0.1" port="UDP")
input(type="imtcp" address="127.0.0.1" port="TCP")
input(type="imtcp" address="127.0.0.1" port="TLS" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="CLIENTS")
template(name="json" type="string" string="%jsonmesg%\n")
action(type="omfile" file="DIR/out" template="json")
`

// Rsyslog is a daemon of its own for a test. What is installed is not touched. The strings are addresses to send to, such as
// udp://127.0.0.1:10514.
type Rsyslog struct {
	Unix, UDP, TCP, TLS string
	Files               certtest.Files // its certificate and key; the certificate is its authority too

	t       testing.TB
	dir     string
	clients string
	ports   [3]string // UDP, TCP, TLS
	stop    func()
}

// Message is what the daemon made of what it got.
type Message struct {
	Text     string `json:"msg"`
	Raw      string `json:"rawmsg"`
	Host     string `json:"hostname"`
	Tag      string `json:"syslogtag"`
	Program  string `json:"programname"`
	Time     string `json:"timereported"`
	Facility string `json:"syslogfacility"`
	Severity string `json:"syslogseverity"`
	Input    string `json:"inputname"`
	Version  string `json:"protocol-version"` // 1 with RFC 5424
}

// Start starts a daemon that treats clients over TLS in a way, and stops it when the test ends. Without rsyslog it skips the test, or
// fails it if the environment has CI.
func Start(t testing.TB, clients string) *Rsyslog {
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
	r := &Rsyslog{Unix: "unix://" + filepath.Join(dir, "dev.log"), Files: certtest.Make(t, dir), t: t, dir: dir, clients: clients}
	for range 3 { // a port may have been taken in the meantime
		for i := range r.ports {
			r.ports[i] = porttest.Port(t)
		}
		r.UDP, r.TCP, r.TLS = "udp://127.0.0.1:"+r.ports[0], "tcp://127.0.0.1:"+r.ports[1], "tls://127.0.0.1:"+r.ports[2]
		if r.start() {
			return r
		}
	}
	t.Fatalf("rsyslogd does not start: %s", r.log())
	return nil
}

// Stop kills the daemon and waits until it has ended.
func (r *Rsyslog) Stop() { r.stop() }

// Restart starts the daemon again, at the same addresses.
func (r *Rsyslog) Restart() {
	r.t.Helper()
	if !r.start() {
		r.t.Fatalf("rsyslogd does not start again: %s", r.log())
	}
}

// Wait waits until the messages that the daemon has are enough, and returns them.
func (r *Rsyslog) Wait(what string, enough func(all []Message) bool) (all []Message) {
	r.t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if all = r.messages(); enough(all) {
			return all
		}
		if time.Since(began) > within {
			r.t.Fatalf("waited too long until rsyslogd has %s; it has %+v; its log: %s", what, all, r.log())
		}
	}
}

func (r *Rsyslog) messages() (all []Message) {
	data, _ := os.ReadFile(filepath.Join(r.dir, "out"))
	for line := range bytes.Lines(data) {
		var m Message
		if json.Unmarshal(line, &m) == nil { // the last one may be half written
			all = append(all, m)
		}
	}
	return all
}

func (r *Rsyslog) log() []byte {
	data, _ := os.ReadFile(filepath.Join(r.dir, "log"))
	return data
}

// start reports whether the daemon listens.
func (r *Rsyslog) start() bool {
	r.t.Helper()
	config := strings.NewReplacer("DIR", r.dir, `"UDP"`, `"`+r.ports[0]+`"`, `"TCP"`, `"`+r.ports[1]+`"`, `"TLS"`, `"`+r.ports[2]+`"`, "CLIENTS", r.clients).Replace(rsyslogConfig)
	path := filepath.Join(r.dir, "rsyslog.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		r.t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(r.dir, "log"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("/usr/sbin/rsyslogd", "-n", "-f", path, "-i", filepath.Join(r.dir, "pid"))
	cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}, log, log
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	r.stop = func() { _ = cmd.Process.Kill(); <-ended }
	r.t.Cleanup(r.stop)
	for began := time.Now(); time.Since(began) < within; time.Sleep(20 * time.Millisecond) {
		if r.listens() {
			return true
		}
		select {
		case <-ended:
			return false
		default:
		}
	}
	return false
}

// listens reports whether the daemon has opened its ports. Each has a thread of its own, so none says anything about the others.
func (r *Rsyslog) listens() bool {
	for _, port := range r.ports[1:] {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			return false
		}
		conn.Close()
	}
	number, _ := strconv.Atoi(r.ports[0])
	sockets, err := os.ReadFile("/proc/net/udp")
	return err == nil && strings.Contains(string(sockets), fmt.Sprintf("0100007F:%04X ", number))
}
