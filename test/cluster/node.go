package cluster

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Node is one dkron process, running or not.
type Node struct {
	Name   string
	Server bool
	HTTP   string // host:port; servers, and agents with Config.AgentHTTP
	RPC    string // host:port
	gossip string // host:port
	dir    string
	log    string
	args   []string
	binary string // that it is started with

	c *Cluster

	mu     sync.Mutex // guards what follows
	cmd    *exec.Cmd  // nil: not running
	exited chan struct{}
	ending bool // the test asked for the end
	paused bool
	cut    bool   // its cable is unplugged
	state  string // how it last ended
}

// Start starts the process on its existing data.
func (n *Node) Start() {
	n.c.t.Helper()
	if err := n.start(); err != nil {
		n.c.t.Fatalf("start node %s: %v", n.Name, err)
	}
}

func (n *Node) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil {
		return fmt.Errorf("it runs already")
	}
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	fmt.Fprintf(log, "==== start %s\n", time.Now().UTC().Format(time.RFC3339Nano))
	argv := append(n.c.net.wrap(n), append([]string{n.binary}, n.args...)...)
	if n.c.files > 0 {
		argv = append([]string{"/bin/sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, n.c.files)}, argv...)
	}
	if n.c.soft > 0 {
		argv = append([]string{"/bin/sh", "-c", fmt.Sprintf(`ulimit -Sn %d && exec "$0" "$@"`, n.c.soft)}, argv...)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Dir, cmd.Env = log, log, n.dir, n.environ()
	if s, ok := n.c.net.(spaces); ok {
		s.place(cmd)
	}
	if err := start(cmd); err != nil {
		return err
	}
	n.cmd, n.exited, n.ending, n.paused = cmd, make(chan struct{}), false, false
	go n.reap(cmd, n.exited)
	return nil
}

// environ is our environment without anything that dkron would read as a setting.
func (n *Node) environ() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "DKRON_") && !strings.HasPrefix(e, "HOME=") {
			env = append(env, e)
		}
	}
	return append(env, "HOME="+n.dir, "DKRON_TEST_CLOCK_FILE="+n.clockFile())
}

// reap waits for the end of the process and records it if the test did not ask for it.
func (n *Node) reap(cmd *exec.Cmd, exited chan struct{}) {
	err := cmd.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.state = cmd.ProcessState.String()
	if !n.ending {
		n.c.unexpected(fmt.Sprintf("node %s ended by itself: %v", n.Name, err))
	}
	n.cmd, n.paused = nil, false
	close(exited)
}

// Kill kills the process as a crash would, and waits until it has ended.
func (n *Node) Kill() { n.end(syscall.SIGKILL, 5*time.Second) }

// Stop asks the process to end and waits for that. It returns how long that took.
func (n *Node) Stop() time.Duration { return n.end(syscall.SIGTERM, 60*time.Second) }

func (n *Node) end(sig syscall.Signal, within time.Duration) time.Duration {
	return n.await(n.Signal(sig), within, "signal "+sig.String())
}

// Signal asks the process to end and does not wait. The channel is closed when it has ended; nil: there is no process.
func (n *Node) Signal(sig syscall.Signal) (exited <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ending = true
	if n.cmd == nil {
		return nil
	}
	_ = n.cmd.Process.Signal(sig)
	return n.exited
}

// await waits for the end of the process and returns how long that took.
func (n *Node) await(exited <-chan struct{}, within time.Duration, why string) time.Duration {
	if exited == nil {
		return 0
	}
	began := time.Now()
	select {
	case <-exited:
	case <-time.After(within):
		n.c.unexpected(fmt.Sprintf("node %s did not end within %v of %s", n.Name, within, why))
		n.mu.Lock()
		if n.cmd != nil {
			_ = n.cmd.Process.Kill()
		}
		n.mu.Unlock()
		<-exited
	}
	return time.Since(began)
}

// WillEnd announces that the process is about to end by itself.
func (n *Node) WillEnd() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ending = true
}

// Leave asks the process through the API to leave the cluster, and waits for its end. It returns the API's answer.
func (n *Node) Leave() (status int) {
	n.c.t.Helper()
	n.mu.Lock()
	n.ending = true
	exited := n.exited
	n.mu.Unlock()
	resp, err := http.Post("http://"+n.HTTP+"/v1/leave", "application/json", nil)
	if err != nil {
		n.c.t.Fatalf("leave of %s: %v", n.Name, err)
	}
	_ = resp.Body.Close()
	n.await(exited, 20*time.Second, "leave")
	return resp.StatusCode
}

// running returns a channel that is closed when the process has ended, nil if there is none.
func (n *Node) running() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.exited
}

// Ended returns how the process last ended, such as "exit status 0".
func (n *Node) Ended() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state
}

// Pause suspends the process in the middle of whatever it does. Afterwards it does nothing any more: the kernel stops threads one after
// another, some of them after the signal was sent.
func (n *Node) Pause() {
	n.signal(syscall.SIGSTOP, true)
	if pid := n.Pid(); pid != 0 {
		Eventually(n.c.t, time.Minute, n.Name+" is suspended", func() bool { return suspended(pid) })
	}
}

// Resume continues a paused process.
func (n *Node) Resume() { n.signal(syscall.SIGCONT, false) }

func (n *Node) signal(sig syscall.Signal, paused bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil && n.cmd.Process.Signal(sig) == nil {
		n.paused = paused
	}
}

// Answers reports whether the process runs, is not paused and can be reached.
func (n *Node) Answers() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cmd != nil && !n.paused && !n.cut
}

// Pid returns the id of the process, 0 if there is none.
func (n *Node) Pid() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil {
		return 0
	}
	return n.cmd.Process.Pid
}

// Log returns the last lines of the node's log.
func (n *Node) Log(lines int) string {
	data, err := os.ReadFile(n.log)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// DataDir is the data directory of the process.
func (n *Node) DataDir() string { return filepath.Join(n.dir, "data") }

// LogFile is where the process writes its log.
func (n *Node) LogFile() string { return filepath.Clean(n.log) }
