package cluster

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// outsider is a client that only holds connections. It opens one, sends something, and opens another when it is closed.
type outsider struct {
	name string
	at   func(*Node) string
	say  func(net.Conn)
}

func request(text string) func(net.Conn) {
	return func(c net.Conn) { _, _ = io.WriteString(c, text) }
}

var outsiders = []outsider{
	{"unfinished requests", func(n *Node) string { return n.HTTP }, request("GET /v1/jobs HTTP/1.1\r\nHost: x\r\n")},
	{"unfinished bodies", func(n *Node) string { return n.HTTP }, request("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{")},
	{"kept connections", func(n *Node) string { return n.HTTP }, func(c net.Conn) {
		_, _ = io.WriteString(c, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		if resp, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}},
	{"silence to RPC", func(n *Node) string { return n.RPC }, func(net.Conn) {}},
	{"silence to Raft", func(n *Node) string { return n.RPC }, request("\x00")},
	{"silence to gossip", func(n *Node) string { return n.gossip }, func(net.Conn) {}},
}

// crowd keeps n outsiders connected to a node until ctx ends.
func crowd(ctx context.Context, node *Node, o outsider, n int) (wait func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				if c, err := net.DialTimeout("tcp", o.at(node), 2*time.Second); err == nil {
					stop := context.AfterFunc(ctx, func() { c.Close() })
					o.say(c)
					_, _ = io.Copy(io.Discard, c)
					stop()
					c.Close()
				}
				select {
				case <-ctx.Done():
				case <-time.After(3 * time.Second): // it is patient, not a flood
				}
			}
		})
	}
	return all.Wait
}

// fresh asks a node on a connection of its own.
func fresh(n *Node) error {
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + n.HTTP + "/v1/jobs")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err = io.Copy(io.Discard, resp.Body); err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %s", resp.Status)
	}
	return err
}

// Clients that hold connections must not starve a node: it answers others, runs what is due, and leads as before.
func TestClientsCannotStarveRuns(t *testing.T) {
	c := Start(t, Config{Servers: 3, Descriptors: 256, Flags: []string{"--enable-prometheus"}})
	from := c.PutProbe(Probe{Name: "tick", Tags: map[string]string{"server": "true"}}) // on every server
	rec := c.Record("tick")
	leader := c.Leader()
	term := c.series(leader, "dkron_raft_term")
	for _, o := range outsiders {
		c.Event("300 outsiders at %s: %s", leader.Name, o.name)
		ctx, cancel := context.WithCancel(t.Context())
		wait := crowd(ctx, leader, o, 300)
		c.settle("tick", 9)
		for range 3 {
			Eventually(t, 20*time.Second, "the API answers during "+o.name, func() bool { return fresh(leader) == nil })
		}
		c.settle("tick", 9)
		cancel()
		wait()
	}
	to := now()
	c.settle("tick", 3)
	if now := c.Leader(); now != leader {
		t.Errorf("%s led, %s leads now", leader.Name, now.Name)
	}
	if now := c.series(leader, "dkron_raft_term"); now != term {
		t.Errorf("the term was %v and is %v", term, now)
	}
	if n := c.series(leader, `dkron_connections_evicted_total{port="http"}`); n < 300 {
		t.Errorf("%v connections made way, so nothing was tried", n)
	}
	h := rec.Finish(History{Job: "tick", From: from, To: to})
	for _, e := range h.Executions {
		if e.ScheduledAt.Before(to) && e.Outcome != "success" {
			t.Errorf("execution %+v", e)
		}
	}
	seen := make(map[int64]int) // by Unix second
	for _, r := range h.Runs {
		seen[r.Nominal.Unix()]++
	}
	for at := from; at.Before(to); at = at.Add(time.Second) {
		if n := seen[at.Unix()]; n != 3 {
			t.Errorf("%d runs of %s, want one on each of 3 servers", n, clock(at))
		}
	}
}

// Commands get the limit that the node was started with, not the raised one.
func TestCommandsGetTheLimitOfFilesThatTheNodeWasGiven(t *testing.T) {
	c := Start(t, Config{Servers: 1, Cold: true})
	n := c.Servers[0]
	c.soft = 300
	n.Start()
	c.WaitReady(20 * time.Second)
	c.Put(map[string]any{"name": "limit", "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"shell": "true", "command": "ulimit -Sn; ulimit -Hn"}})
	if _, err := c.call(n, http.MethodPost, "/v1/jobs/limit?wait", nil, nil); err != nil {
		t.Fatal(err)
	}
	list, err := c.Executions("limit")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if got := strings.Fields(list[0].Output); len(got) != 2 || got[0] != "300" || slices.Contains(got[1:], "300") {
		t.Errorf("the command's limits are %v", got)
	}
}
