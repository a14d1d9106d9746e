package rabbitmq_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"dkron/internal/porttest"
	"dkron/plugins/internal/plugintest"
)

// A process that the tests start ends with the thread that started it; the first one lives as long as the tests.
func init() { runtime.LockOSThread() }

// rabbit is a broker of RabbitMQ. missing says why there is none.
type rabbit struct {
	addr, secure string
	files        plugintest.Certificates
	log          *lockedBuffer
	environ      []string // of the broker and its tools
	missing      string
}

var server rabbit

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "rabbitmq")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var stop func()
	server, stop = startBroker(dir)
	code := m.Run()
	stop()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// broker returns the broker. Without RabbitMQ the test is skipped, but not where all tests have to run.
func broker(t testing.TB) rabbit {
	t.Helper()
	if server.missing == "" {
		return server
	}
	if os.Getenv("CI") != "" {
		t.Fatal(server.missing)
	}
	t.Skip(server.missing)
	return server
}

// startBroker starts a broker of its own for these tests, with free ports and a folder. What is installed is not touched.
func startBroker(dir string) (rabbit, func()) {
	const script = "/usr/lib/rabbitmq/bin/rabbitmq-server"
	if _, err := os.Stat(script); err != nil {
		return rabbit{missing: "RabbitMQ is not installed; on Debian: apt-get install rabbitmq-server"}, func() {}
	}
	files, err := plugintest.MakeCertificates(dir)
	if err != nil {
		return rabbit{missing: err.Error()}, func() {}
	}
	ports, err := porttest.Several(4)
	if err != nil {
		return rabbit{missing: err.Error()}, func() {}
	}
	r := rabbit{addr: "127.0.0.1:" + ports[0], secure: "127.0.0.1:" + ports[1], files: files, log: new(lockedBuffer)}
	config := fmt.Sprintf(`listeners.tcp.1 = %s
listeners.ssl.1 = %s
ssl_options.cacertfile = %s
ssl_options.certfile = %s
ssl_options.keyfile = %s
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
disk_free_limit.absolute = 1MB
vm_memory_high_watermark.relative = 0.9
`, r.addr, r.secure, files.Authority, files.Certificate, files.Key)
	for name, text := range map[string]string{"rabbitmq.conf": config, "enabled_plugins": "[].\n", "env.conf": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return rabbit{missing: err.Error()}, func() {}
		}
	}
	r.environ = []string{
		"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + dir, "TMPDIR=" + dir,
		"RUNNING_UNDER_SYSTEMD=true", // the script becomes the broker
		"ERL_EPMD_PORT=" + ports[2], "ERL_EPMD_ADDRESS=127.0.0.1", "RABBITMQ_DIST_PORT=" + ports[3], "RABBITMQ_NODENAME=test@localhost",
		"RABBITMQ_CONFIG_FILE=" + filepath.Join(dir, "rabbitmq.conf"), "RABBITMQ_CONF_ENV_FILE=" + filepath.Join(dir, "env.conf"),
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + filepath.Join(dir, "enabled_plugins"), "RABBITMQ_ADVANCED_CONFIG_FILE=" + filepath.Join(dir, "none"),
		"RABBITMQ_MNESIA_BASE=" + filepath.Join(dir, "data"), "RABBITMQ_LOG_BASE=" + filepath.Join(dir, "log"), "RABBITMQ_LOGS=-",
		"RABBITMQ_PID_FILE=" + filepath.Join(dir, "pid"), "RABBITMQ_GENERATED_CONFIG_DIR=" + filepath.Join(dir, "generated"),
	}
	// The broker finds this one, and starts none that would outlive it.
	names, err := r.start("epmd")
	if err != nil {
		return rabbit{missing: err.Error()}, func() {}
	}
	if err := accepts("127.0.0.1:"+ports[2], names, 10*time.Second); err != nil {
		end(names)
		return rabbit{missing: "epmd: " + err.Error()}, func() {}
	}
	beam, err := r.start(script)
	if err == nil {
		err = r.ready(beam)
	}
	if err != nil {
		r.missing = fmt.Sprintf("RabbitMQ does not start: %v\n%s", err, r.log)
	}
	return r, func() { end(beam); end(names) }
}

// process is one that runs; ended is closed when it has ended.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

func (r rabbit) start(name string) (*process, error) {
	cmd := exec.Command(name)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.Dir = r.environ, r.log, r.log, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd, make(chan struct{})}
	go func() { _ = cmd.Wait(); close(p.ended) }()
	return p, nil
}

func end(p *process) {
	if p == nil {
		return
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
}

var errEnded = errors.New("it ended by itself")

// accepts waits until something accepts connections.
func accepts(addr string, p *process, within time.Duration) error {
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.ended:
			return errEnded
		default:
		}
		if time.Since(began) > within {
			return err
		}
	}
}

// ready waits until the broker works, on both ports.
func (r rabbit) ready(p *process) error {
	const within = 90 * time.Second
	for _, addr := range []string{r.addr, r.secure} {
		if err := accepts(addr, p, within); err != nil {
			return err
		}
	}
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		conn, err := amqp.Dial("amqp://" + r.addr)
		if err == nil {
			return conn.Close()
		}
		if time.Since(began) > within {
			return err
		}
	}
}

type lockedBuffer struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
