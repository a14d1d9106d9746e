package mailtest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
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

// Username and Password are those of the only user, who may send to anybody. Without a login, mail is taken for open.test only.
const (
	Username = "user"
	Password = "s3cret"
)

// Exim is a mail server that offers STARTTLS and a login. It refuses mail for refused@…, and that for later@… until Relent.
type Exim struct {
	Port       int    // STARTTLS is offered
	SecurePort int    // TLS from the first byte
	CAFile     string // its certificate
	dir        string
}

// nobody is the user and the group of the server if root runs the tests.
const nobody = 65534

const eximConfig = `exim_user = UID
exim_group = GID
admin_groups = GID
exim_path = DIR/exim4
keep_environment =
primary_hostname = mail.test
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
pid_file_path = DIR/exim.pid
local_interfaces = <; [127.0.0.1]:PORT ; [127.0.0.1]:SECURE
tls_on_connect_ports = SECURE
tls_advertise_hosts = *
tls_certificate = DIR/cert.pem
tls_privatekey = DIR/key.pem
auth_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
never_users =
deliver_drop_privilege
message_size_limit = 200K
acl_smtp_mail = sender
acl_smtp_rcpt = recipient
begin acl
sender:
  deny senders = refused@example.com
    message = this sender is not welcome
  accept
recipient:
  deny local_parts = refused
    message = no such mailbox
  defer local_parts = later
    !condition = ${if exists{DIR/relented}}
    message = greylisted
  accept authenticated = *
  accept domains = open.test
  deny message = relay not permitted
begin routers
all:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = DIR/mail
  maildir_format
  envelope_to_add
  user = UID
  group = GID
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{user}}{eq{$auth3}{s3cret}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{user}}{eq{$auth2}{s3cret}}}}
  server_set_id = $auth1
`

// StartExim starts a server of its own for a test. What is installed is not touched. Without Exim the test is skipped, but
// not where all tests have to run.
func StartExim(t testing.TB) *Exim {
	t.Helper()
	e := prepare(t)
	for range 3 { // a port may have been taken in the meantime
		if e.start(t) {
			return e
		}
	}
	t.Fatalf("Exim does not start: %s", e.Log())
	return nil
}

// prepare makes the folder of a server.
func prepare(t testing.TB) *Exim {
	t.Helper()
	program, err := os.ReadFile("/usr/sbin/exim4")
	if err != nil {
		const missing = "Exim is not installed; on Debian: apt-get install exim4-daemon-light"
		if os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	dir, err := os.MkdirTemp("", "dkron-mail-") // another user must get into it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, name := range []string{"spool", "log", "mail"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files := certtest.Make(t, dir)
	// A copy lacks the program's rights of root, and goes away with the tests.
	if err := os.WriteFile(filepath.Join(dir, "exim4"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	return &Exim{CAFile: files.Certificate, dir: dir}
}

// start starts the server on free ports, and reports whether it answers.
func (e *Exim) start(t testing.TB) bool {
	t.Helper()
	uid, gid := os.Getuid(), os.Getgid()
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if uid == 0 {
		uid, gid = nobody, nobody
		attr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody, Groups: []uint32{nobody}}
	}
	for _, port := range []*int{&e.Port, &e.SecurePort} {
		var err error
		if *port, err = strconv.Atoi(porttest.Port(t)); err != nil {
			t.Fatal(err)
		}
	}
	config := strings.NewReplacer("DIR", e.dir, "UID", fmt.Sprint(uid), "GID", fmt.Sprint(gid),
		"PORT", fmt.Sprint(e.Port), "SECURE", fmt.Sprint(e.SecurePort)).Replace(eximConfig)
	path := filepath.Join(e.dir, "exim.conf")
	if err := os.WriteFile(path, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if out, err := exec.Command("chown", "-R", fmt.Sprintf("%d:%d", uid, gid), e.dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if err := os.Chmod(e.dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	out, err := os.Create(filepath.Join(e.dir, "log", "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(filepath.Join(e.dir, "exim4"), "-C", path, "-bdf")
	cmd.SysProcAttr, cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = attr, e.dir, []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the processes of its connections too
		<-ended
	})
	for began := time.Now(); time.Since(began) < within; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", e.Port)); err == nil {
			conn.Close()
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

// Relent makes the server accept mail for later@….
func (e *Exim) Relent(t testing.TB) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(e.dir, "relented"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Log returns what the server has logged.
func (e *Exim) Log() string {
	var all strings.Builder
	files, _ := filepath.Glob(filepath.Join(e.dir, "log", "*"))
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			all.Write(data)
		}
	}
	return all.String()
}

// Mail is a message in a mailbox.
type Mail struct {
	To     string // whose mailbox
	Header netmail.Header
	Text   string // as it was sent: its encoding is in the header
}

// Delivered waits until so many messages are in mailboxes, and returns them.
func (e *Exim) Delivered(t testing.TB, n int) []Mail {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(e.dir, "mail", "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) >= n {
			return read(t, files)
		}
		if time.Since(began) > within {
			t.Fatalf("%d messages were delivered, want %d; the server's log:\n%s", len(files), n, e.Log())
		}
	}
}

func read(t testing.TB, files []string) (all []Mail) {
	t.Helper()
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := netmail.ReadMessage(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(m.Body)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Mail{m.Header.Get("Envelope-To"), m.Header, string(text)})
	}
	return all
}
