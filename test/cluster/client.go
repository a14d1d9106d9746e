package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Launch is a launch as the API shows it.
type Launch struct {
	ID          string     `json:"id"`
	Job         string     `json:"job"`
	ScheduledAt time.Time  `json:"scheduled_at"`
	Cause       string     `json:"cause"`
	State       string     `json:"state"`
	Reason      string     `json:"reason"`
	CreatedAt   time.Time  `json:"created_at"`
	EndedAt     *time.Time `json:"ended_at"`
	Parent      string     `json:"parent"`
	Count       uint64     `json:"count"`
	Until       *time.Time `json:"until"`
}

// Execution is an execution as the API shows it.
type Execution struct {
	ID          string    `json:"id"`
	LaunchID    string    `json:"launch_id"`
	JobName     string    `json:"job_name"`
	NodeName    string    `json:"node_name"`
	StartedAt   time.Time `json:"started_at"`
	FinishedAt  time.Time `json:"finished_at"`
	ScheduledAt time.Time `json:"scheduled_at"`
	Outcome     string    `json:"outcome"`
	Error       string    `json:"error"`
	Attempt     uint64    `json:"attempt"`
	Output      string    `json:"output"`
	ExitCode    *int      `json:"exit_code"`
	LeftRunning []string  `json:"left_running"`
}

type member struct {
	Name   string
	Status int
	Tags   map[string]string
}

// A member's status.
const (
	alive = 1
	left  = 3
)

// status returns what a server knows of a member, 0 if nothing.
func (c *Cluster) status(at, of *Node) int {
	var members []member
	if _, err := c.call(at, http.MethodGet, "/v1/members", nil, &members); err != nil {
		return 0
	}
	for _, m := range members {
		if m.Name == of.Name {
			return m.Status
		}
	}
	return 0
}

// callTimeout is short: a paused server accepts connections and never answers.
const callTimeout = time.Second

func newHTTPClient() *http.Client {
	// Kept connections would hang on nodes that were cut off.
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: callTimeout}
}

// call asks one server.
func (c *Cluster) call(n *Node, method, path string, in, out any) (int, error) {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, "http://"+n.httpAddr()+path, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if secret := c.secret.Load(); secret != nil {
		req.Header.Set("Authorization", "Bearer "+*secret)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, err
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("%s %s at %s: %s: %s", method, path, n.Name, resp.Status, bytes.TrimSpace(data))
	}
	if out != nil {
		err = json.Unmarshal(data, out)
	}
	return resp.StatusCode, err
}

// ask asks the servers one after the other, until one gives a good answer.
func (c *Cluster) ask(method, path string, in, out any) error {
	err := errors.New("no server is running")
	for _, n := range c.Servers {
		if !n.Answers() {
			continue
		}
		if _, err = c.call(n, method, path, in, out); err == nil {
			return nil
		}
	}
	return err
}

// Get reads path from any server.
func (c *Cluster) Get(path string, out any) error { return c.ask(http.MethodGet, path, nil, out) }

// Do asks any server to do something.
func (c *Cluster) Do(method, path string, in, out any) error { return c.ask(method, path, in, out) }

// Put stores a job. It is tried until a server takes it.
func (c *Cluster) Put(job map[string]any) {
	c.t.Helper()
	var err error
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if err = c.ask(http.MethodPost, "/v1/jobs", job, nil); err == nil {
			return
		}
		time.Sleep(pollEvery)
	}
	c.t.Fatalf("store job %v: %v", job["name"], err)
}

// Executions returns the executions of a job that are still kept.
func (c *Cluster) Executions(job string) ([]Execution, error) {
	var list []Execution
	err := c.Get("/v1/jobs/"+job+"/executions", &list)
	return list, err
}

// Launches returns the launches of a job that are still kept.
func (c *Cluster) Launches(job string) ([]Launch, error) {
	var list []Launch
	err := c.Get("/v1/jobs/"+job+"/launches", &list)
	return list, err
}

// leader returns the server that leads, nil if there is none. A server that was paused or cut off may believe for a
// moment that it still leads; it counts only if another answering server, if there is one, agrees.
func (c *Cluster) leader() *Node {
	for _, n := range c.Servers {
		if !n.Answers() {
			continue
		}
		if _, err := c.call(n, http.MethodGet, "/v1/isleader", nil, nil); err == nil && c.confirmed(n) {
			return n
		}
	}
	return nil
}

func (c *Cluster) confirmed(leader *Node) bool {
	others := 0
	for _, n := range c.Servers {
		if n == leader || !n.Answers() {
			continue
		}
		others++
		var m member
		if _, err := c.call(n, http.MethodGet, "/v1/leader", nil, &m); err == nil && m.Name == leader.Name {
			return true
		}
	}
	return others == 0
}

// Leader waits for a leader.
func (c *Cluster) Leader() *Node {
	c.t.Helper()
	var n *Node
	Eventually(c.t, 15*time.Second, "there is a leader", func() bool { n = c.leader(); return n != nil })
	return n
}

// WaitReady waits until there is a leader, and every running server has it and knows all running nodes.
func (c *Cluster) WaitReady(within time.Duration) time.Duration {
	c.t.Helper()
	return Eventually(c.t, within, "the cluster is whole", func() bool {
		if c.leader() == nil {
			return false
		}
		for _, s := range c.Servers {
			if s.Answers() && !c.whole(s) {
				return false
			}
		}
		return true
	})
}

func (c *Cluster) whole(s *Node) bool {
	if _, err := c.call(s, http.MethodGet, "/ready", nil, nil); err != nil {
		return false
	}
	var members []member
	if _, err := c.call(s, http.MethodGet, "/v1/members", nil, &members); err != nil {
		return false
	}
	up := make(map[string]bool)
	for _, m := range members {
		up[m.Name] = m.Status == alive
	}
	for _, n := range c.Nodes() {
		if n.Answers() && !up[n.Name] {
			return false
		}
	}
	return true
}
