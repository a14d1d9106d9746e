//go:build linux

// Package enginetest starts a Docker engine of its own for tests, with an image of busybox in it. It needs root, and Debian's
// packages docker.io and busybox-static.
package enginetest

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Image is in each engine.
const Image = "busybox:1.37"

// startLimit is how long an engine may take to start or to end.
const startLimit = time.Minute

// Engine is an engine with folders and a socket of its own.
type Engine struct {
	Host string // its address
	dir  string
	more []string // arguments
	cmd  *exec.Cmd
	gone chan struct{} // closed after the end of cmd
}

// errRights is why there can be no engine here.
var errRights = errors.New("an engine needs root with CAP_SYS_ADMIN, and control groups")

// lacksRights marks an error with errRights if it is that of a machine on which containers can't run. Anything else that is wrong
// with an engine fails the test.
func lacksRights(err error) error {
	for _, word := range []string{"operation not permitted", "permission denied", "cgroup"} {
		if strings.Contains(err.Error(), word) {
			return fmt.Errorf("%w: %w", errRights, err)
		}
	}
	return err
}

// Shared is an engine that the tests of a package share. Main starts nothing; the first use does.
type Shared struct {
	engine *Engine
	err    error
}

// Main runs the tests of a package and stops its engine.
func (s *Shared) Main(m *testing.M) int {
	defer func() {
		if s.engine != nil {
			s.engine.Close()
		}
	}()
	return m.Run()
}

// Get returns the engine. Where one can't be started for lack of rights, the test is skipped.
func (s *Shared) Get(t testing.TB) *Engine {
	t.Helper()
	if s.engine == nil && s.err == nil {
		s.engine, s.err = start()
	}
	skip(t, s.err)
	return s.engine
}

// New returns an engine for one test, with more arguments.
func New(t testing.TB, more ...string) *Engine {
	t.Helper()
	e, err := start(more...)
	skip(t, err)
	t.Cleanup(e.Close)
	return e
}

func skip(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errRights) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// program finds what may be where only root looks.
func program(name string) (string, error) {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/sbin", "/bin") {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is missing; install docker.io and busybox-static", name)
}

func start(more ...string) (*Engine, error) {
	if !mayMount() {
		return nil, errRights
	}
	dir, err := os.MkdirTemp("/tmp", "engine") // paths of sockets must be short
	if err != nil {
		return nil, err
	}
	e := &Engine{Host: "unix://" + filepath.Join(dir, "docker.sock"), dir: dir, more: more}
	for _, step := range []func() error{e.Start, e.load, e.try} {
		if err := step(); err != nil {
			e.Close()
			return nil, lacksRights(err)
		}
	}
	return e, nil
}

// mayMount reports whether this process has CAP_SYS_ADMIN.
func mayMount() bool {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil || os.Geteuid() != 0 {
		return false
	}
	_, rest, _ := strings.Cut(string(status), "CapEff:\t")
	line, _, _ := strings.Cut(rest, "\n")
	caps, err := strconv.ParseUint(line, 16, 64)
	return err == nil && caps&(1<<21) != 0
}

// Start starts the engine, perhaps again, and waits until it answers. One that ends at once is started again, as an init system
// does: after a kill, containerd can need longer than the engine waits for it.
func (e *Engine) Start() (err error) {
	for range 3 {
		if err = e.start(); err == nil {
			return nil
		}
	}
	return err
}

func (e *Engine) start() error {
	path, err := program("dockerd")
	if err != nil {
		return err
	}
	log, err := os.OpenFile(e.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{
		"--host=" + e.Host, "--data-root=" + filepath.Join(e.dir, "data"), "--exec-root=" + filepath.Join(e.dir, "run"), "--pidfile=" + filepath.Join(e.dir, "pid"),
		"--config-file=" + filepath.Join(e.dir, "daemon.json"), "--storage-driver=vfs", "--bridge=none", "--iptables=false", "--ip6tables=false", "--shutdown-timeout=2",
	}
	e.cmd = exec.Command(path, append(args, e.more...)...)
	e.cmd.Env = append(os.Environ(), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR="+e.dir)
	e.cmd.Stdout, e.cmd.Stderr = log, log
	// Its mounts are nobody else's, and go with it.
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Setpgid: true}
	if err := os.WriteFile(filepath.Join(e.dir, "daemon.json"), []byte("{}"), 0o600); err != nil {
		return err
	}
	if err := e.cmd.Start(); err != nil {
		return err
	}
	e.gone = make(chan struct{})
	go func() {
		_ = e.cmd.Wait()
		close(e.gone)
	}()
	return e.ready()
}

func (e *Engine) log() string { return filepath.Join(e.dir, "log") }

// ready waits until the engine answers.
func (e *Engine) ready() error {
	api, err := client.New(client.WithHost(e.Host))
	if err != nil {
		return err
	}
	defer api.Close()
	for deadline := time.Now().Add(startLimit); ; time.Sleep(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, err := api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true})
		cancel()
		if err == nil {
			return nil
		}
		ended := false
		select {
		case <-e.gone:
			ended = true
		default:
		}
		if ended || time.Now().After(deadline) {
			text, _ := os.ReadFile(e.log())
			return fmt.Errorf("the engine does not start: %w\n%s", err, text[max(0, len(text)-4000):])
		}
	}
}

// Stop ends the engine as an operator does.
func (e *Engine) Stop() { e.end(syscall.SIGTERM) }

// Kill ends the engine as a lack of memory does. Its containers may go on.
func (e *Engine) Kill() { e.end(syscall.SIGKILL) }

// Freeze makes the engine hang until the returned function is called.
func (e *Engine) Freeze() (thaw func()) {
	_ = e.cmd.Process.Signal(syscall.SIGSTOP)
	return func() { _ = e.cmd.Process.Signal(syscall.SIGCONT) }
}

func (e *Engine) end(signal syscall.Signal) {
	_ = e.cmd.Process.Signal(signal)
	select {
	case <-e.gone:
	case <-time.After(startLimit):
		_ = e.cmd.Process.Kill()
		<-e.gone
	}
}

// Close ends the engine, with all that it has started, and removes its folders.
func (e *Engine) Close() {
	if e.cmd != nil && e.cmd.Process != nil {
		e.empty()
		e.Stop()
	}
	if text, err := os.ReadFile(filepath.Join(e.dir, "run", "containerd", "containerd.pid")); err == nil {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && e.owns(pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	_ = os.RemoveAll(e.dir)
}

// empty removes what runs in the engine: with --live-restore that would outlive it.
func (e *Engine) empty() {
	api, err := client.New(client.WithHost(e.Host))
	if err != nil {
		return
	}
	defer api.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	all, err := api.ContainerList(ctx, client.ContainerListOptions{})
	if err != nil {
		return
	}
	for _, c := range all.Items {
		_, _ = api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true})
	}
}

// owns reports whether a process was started for this engine: its arguments name the engine's folder.
func (e *Engine) owns(pid int) bool {
	args, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	return err == nil && bytes.Contains(args, []byte(e.dir))
}

// API returns a client of the engine.
func (e *Engine) API(t testing.TB) *client.Client {
	t.Helper()
	api, err := client.New(client.WithHost(e.Host))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	return api
}

// load makes the image.
func (e *Engine) load() error {
	rootfs, err := RootFS()
	if err != nil {
		return err
	}
	api, err := client.New(client.WithHost(e.Host))
	if err != nil {
		return err
	}
	defer api.Close()
	result, err := api.ImageImport(context.Background(), client.ImageImportSource{Source: bytes.NewReader(rootfs), SourceName: "-"}, Image,
		client.ImageImportOptions{Changes: []string{"ENV PATH=/bin", `CMD ["sh"]`}})
	if err != nil {
		return fmt.Errorf("import the image: %w", err)
	}
	defer result.Close()
	_, err = io.Copy(io.Discard, result)
	return err
}

// try runs a container.
func (e *Engine) try() error {
	api, err := client.New(client.WithHost(e.Host))
	if err != nil {
		return err
	}
	defer api.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	made, err := api.ContainerCreate(ctx, client.ContainerCreateOptions{Config: &container.Config{Image: Image, Cmd: []string{"true"}}})
	if err != nil {
		return fmt.Errorf("create a container: %w", err)
	}
	if _, err := api.ContainerStart(ctx, made.ID, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("start a container: %w", err)
	}
	_, err = api.ContainerRemove(ctx, made.ID, client.ContainerRemoveOptions{Force: true})
	return err
}

// tools are the names of busybox in the image.
var tools = []string{"sh", "cat", "echo", "sleep", "wc", "df", "id", "head", "tail", "env", "pwd", "yes", "touch", "true", "kill", "printf", "tr", "seq", "dd"}

// RootFS returns the files of the image, as a tar.
func RootFS() ([]byte, error) {
	path, err := program("busybox")
	if err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	headers := []*tar.Header{{Name: "bin/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777}, {Name: "bin/busybox", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(binary))}}
	for _, tool := range tools {
		headers = append(headers, &tar.Header{Name: "bin/" + tool, Typeflag: tar.TypeSymlink, Linkname: "busybox", Mode: 0o777})
	}
	for _, h := range headers {
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write(binary); err != nil {
				return nil, err
			}
		}
	}
	return out.Bytes(), w.Close()
}

// Containers returns the names of a job's containers, those that have ended too.
func (e *Engine) Containers(t testing.TB, job string) (names []string) {
	t.Helper()
	all, err := e.API(t).ContainerList(context.Background(), client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", "dkron.job="+job)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all.Items {
		names = append(names, c.Names...)
	}
	slices.Sort(names)
	return names
}
