package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dkron/internal/porttest"
)

// server is the server under load.
type server struct {
	addr string
	pid  int // 0: unknown
	// others is processes whose CPU time counts as this server's.
	others []int
	http   *http.Client
	cmd    *exec.Cmd // nil: not started by us
	dir    string
}

func startServer(o *options) (*server, error) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: creators}}
	if o.addr != "" {
		return &server{addr: o.addr, pid: o.pid, http: client}, nil
	}
	dir, err := os.MkdirTemp("", "dkron-load-")
	if err != nil {
		return nil, err
	}
	s := &server{http: client, dir: dir}
	if err := s.launch(o); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for range 200 {
		if s.get("/ready", nil) == nil {
			return s, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	defer s.stop(true)
	return nil, fmt.Errorf("the server is not ready after 10s\n%s", s.tail())
}

func (s *server) launch(o *options) error {
	binary := o.binary
	if binary == "" {
		binary = filepath.Join(s.dir, "dkron")
		if out, err := exec.Command("go", "build", "-o", binary, "dkron/cmd/dkron").CombinedOutput(); err != nil {
			return fmt.Errorf("build dkron: %w\n%s", err, out)
		}
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	ports, err := porttest.Several(3)
	if err != nil {
		return err
	}
	s.addr = "127.0.0.1:" + ports[0]
	config, err := withPlugin(s.dir)
	if err != nil {
		return err
	}
	s.cmd = exec.Command(binary, "agent", "--config="+config, "--server", "--bootstrap-expect=1", "--node-name=load", "--http-addr="+s.addr,
		"--rpc-port="+ports[1], "--bind-addr=127.0.0.1:"+ports[2], "--data-dir="+filepath.Join(s.dir, "data"))
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Env = log, log, append(cleanEnv(), "HOME="+s.dir)
	tie(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.pid = s.cmd.Process.Pid
	return nil
}

// cpu returns what the server has used; see cpu.
func (s *server) cpu() (self, children float64) {
	for _, pid := range append([]int{s.pid}, s.others...) {
		a, b := cpu(pid)
		self, children = self+a, children+b
	}
	return self, children
}

// cleanEnv is our environment without what dkron would read as a setting.
func cleanEnv() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "DKRON_") {
			env = append(env, e)
		}
	}
	return env
}

// stop ends the server, if we started it. It may be called again.
func (s *server) stop(keep bool) {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGKILL)
	_ = s.cmd.Wait()
	s.cmd = nil
	if keep {
		fmt.Println("data and log are kept in", s.dir)
		return
	}
	os.RemoveAll(s.dir)
}

// tail returns the end of the server's log.
func (s *server) tail() string {
	data, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(data[max(0, len(data)-3000):])
}

func (s *server) get(path string, out any) error { return s.call(http.MethodGet, path, nil, out) }

// upload posts ready-made JSON.
func (s *server) upload(path, text string) error {
	return s.call(http.MethodPost, path, json.RawMessage(text), nil)
}

func (s *server) call(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, "http://"+s.addr+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, bytes.TrimSpace(data))
	}
	if out != nil {
		return json.Unmarshal(data, out)
	}
	return nil
}

// recorded returns how many runs the server has counted, and how many of them failed.
func (s *server) recorded() (all, failed uint64, err error) {
	var answer struct {
		Stats []struct {
			Success uint64 `json:"success_count"`
			Failed  uint64 `json:"failed_count"`
		}
	}
	err = s.get("/v1/stats", &answer)
	for _, day := range answer.Stats {
		all, failed = all+day.Success+day.Failed, failed+day.Failed
	}
	return all, failed, err
}
