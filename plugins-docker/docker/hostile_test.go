//go:build linux

package docker

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// newHanging starts a server that accepts connections and says nothing.
func newHanging(path string) (net.Listener, error) { return newServer(path, func(net.Conn) {}) }

// newGarbage starts a server that speaks no protocol.
func newGarbage(path string) (net.Listener, error) {
	return newServer(path, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096)) // else the client may find the connection closed before it has asked
		_, _ = c.Write(bytes.Repeat([]byte("garbage"), 1000))
		_ = c.Close()
	})
}

func newServer(path string, serve func(net.Conn)) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l, nil
}

// losing is a way to an engine on which the answer of the first request that contains a text is lost.
func losing(t *testing.T, host, text string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "losing")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	var did sync.Once
	l, err := newServer(path, func(c net.Conn) { pass(c, strings.TrimPrefix(host, "unix://"), text, &did) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Close()
		_ = os.RemoveAll(dir)
	})
	return "unix://" + path
}

// pass passes a connection on to an engine until the first request with a text.
func pass(c net.Conn, engine, text string, did *sync.Once) {
	defer c.Close()
	e, err := net.Dial("unix", engine)
	if err != nil {
		return
	}
	defer e.Close()
	lose := make(chan struct{}, 1)
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := c.Read(buffer)
			if bytes.Contains(buffer[:n], []byte(text)) {
				did.Do(func() { lose <- struct{}{} })
			}
			if n > 0 {
				if _, err := e.Write(buffer[:n]); err != nil {
					return
				}
			}
			if err != nil {
				if half, ok := e.(*net.UnixConn); ok {
					_ = half.CloseWrite()
				}
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := e.Read(buffer)
		select {
		case <-lose:
			return // the engine has done it, and nobody hears of it
		default:
		}
		if _, err := c.Write(buffer[:n]); n > 0 && err != nil {
			return
		}
		if err != nil {
			return
		}
	}
}

func TestAnExecutionHasOneContainerAlsoWhenAnAnswerIsLost(t *testing.T) {
	e := shared.Get(t)
	for name, request := range map[string]string{"create": http.MethodPost + " /v1.41/containers/create", "start": "/start "} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			config := on(e, "volumes", dir+":/data", "command", "sh -c 'echo run >> /data/runs; echo hello'")
			config["host"] = losing(t, e.Host, request)
			response, out := execute(t, config)
			if response.Error != "" || out != "hello\n" {
				t.Errorf("%+v, output %q", response, out)
			}
			if runs, err := os.ReadFile(filepath.Join(dir, "runs")); string(runs) != "run\n" {
				t.Errorf("%q, %v", runs, err)
			}
			if left := e.Containers(t, jobOf(t)); len(left) != 0 {
				t.Errorf("%q are left", left)
			}
		})
	}
}

// Two clusters may have jobs and nodes of one name, and then executions of one id.
func TestTwoClustersShareAnEngine(t *testing.T) {
	e := shared.Get(t)
	dir := t.TempDir()
	config := on(e, "stopTimeout", "0s", "volumes", dir+":/go", "command", "sh -c 'echo up; while [ ! -e /go/on ]; do sleep 0.02; done'")
	mine := new(output)
	done := make(chan struct{})
	go func() {
		defer close(done)
		first := request(t, config)
		first.Cluster = "one"
		if response, err := New().Execute(t.Context(), first, mine); err != nil || response.Error != "" {
			t.Errorf("%+v, %v", response, err)
		}
	}()
	eventually(t, "the first runs", func() bool { return mine.String() == "up\n" })
	second := request(t, with(config, "command", "echo hello"))
	second.Cluster = "two"
	out := new(output)
	if response, err := New().Execute(t.Context(), second, out); err != nil || response.Error != "" || out.String() != "hello\n" {
		t.Errorf("%+v, %v, output %q", response, err, out)
	}
	if left := e.Containers(t, jobOf(t)); len(left) != 1 {
		t.Errorf("containers %q", left)
	}
	if err := os.WriteFile(filepath.Join(dir, "on"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	<-done
}

func TestAContainerOfAnotherExecutionIsNotTaken(t *testing.T) {
	e := shared.Get(t)
	config := on(e, "command", "sleep 1000", "name", "the-same", "stopTimeout", "0s")
	out := new(output)
	done := make(chan struct{})
	go func() {
		defer close(done)
		executeTo(t.Context(), t, New(), with(config, "command", "sh -c 'echo up; sleep 3'"), out)
	}()
	eventually(t, "the first runs", func() bool { return strings.Contains(out.String(), "up") })
	second := request(t, config)
	second.ExecutionID = "6-node"
	response, err := New().Execute(t.Context(), second, new(output))
	if err != nil || response.Error != "the engine has another container of the name the-same; remove it, or give the job another name" {
		t.Errorf("%+v, %v", response, err)
	}
	if left := e.Containers(t, jobOf(t)); len(left) != 1 {
		t.Errorf("containers %q", left)
	}
	<-done
}
