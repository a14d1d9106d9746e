package cluster

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// sse is one server-sent event.
type sse struct{ id, name, data string }

// listen reads events of a server after id until fn returns false or the stream ends.
func listen(n *Node, path, id string, fn func(sse) bool) error {
	req, err := http.NewRequest(http.MethodGet, "http://"+n.HTTP+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	if id != "" {
		req.Header.Set("Last-Event-ID", id)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 60 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", resp.Status)
	}
	var e sse
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data += value
		case "":
			if e.name != "" && !fn(e) {
				return nil
			}
			e = sse{}
		}
	}
	return lines.Err()
}

func TestOutputIsFollowedThroughKillsOfTheLeaderWithoutAHole(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	const count = 60
	c.Put(map[string]any{
		"name": "talk", "schedule": "@manually", "executor": "shell", "tags": map[string]string{"pool": "agents"},
		"executor_config": map[string]string{
			"shell": "true", "command": fmt.Sprintf("i=0; while [ $i -lt %d ]; do i=$((i+1)); echo line $i; sleep 0.2; done", count),
		},
	})
	if err := c.ask(http.MethodPost, "/v1/jobs/talk/run", nil, nil); err != nil {
		t.Fatal(err)
	}
	var run Execution
	Eventually(t, 10*time.Second, "the run begins", func() bool {
		list, err := c.Executions("talk")
		if err == nil && len(list) > 0 {
			run = list[0]
		}
		return run.ID != ""
	})
	path := "/v1/jobs/talk/executions/" + run.ID + "/output?follow"
	leader := c.Leader()
	var follower *Node
	for _, s := range c.Servers {
		if s != leader {
			follower = s
		}
	}
	var text strings.Builder
	killed, ended, last := false, "", ""
	for deadline := time.Now().Add(60 * time.Second); ended == "" && time.Now().Before(deadline); {
		err := listen(follower, path, last, func(e sse) bool {
			switch e.name {
			case "output":
				var chunk string
				if err := json.Unmarshal([]byte(e.data), &chunk); err != nil {
					t.Errorf("chunk %q: %v", e.data, err)
				}
				text.WriteString(chunk)
				last = e.id
			case "gap":
				t.Errorf("gap: %s", e.data)
			case "end":
				ended = e.data
			}
			if !killed && strings.Contains(text.String(), "line 10\n") {
				killed = true
				c.Event("kill leader %s while its follower is followed", leader.Name)
				leader.Kill()
			}
			return ended == ""
		})
		if err != nil {
			c.Event("the stream broke off: %v", err)
		}
	}
	var want strings.Builder
	for i := range count {
		fmt.Fprintf(&want, "line %d\n", i+1)
	}
	if !killed || text.String() != want.String() {
		t.Errorf("killed %t; followed %q", killed, text.String())
	}
	var end Execution
	if err := json.Unmarshal([]byte(ended), &end); err != nil || end.Outcome != "success" {
		t.Errorf("end is %q, %v", ended, err)
	}
	var stored Execution
	if err := c.Get("/v1/jobs/talk/executions/"+run.ID, &stored); err != nil || stored.Output != want.String() {
		t.Errorf("stored %q, %v", stored.Output, err)
	}
}

func TestEventsGoOnAtAnotherServerWhereOneBrokeOff(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	c.PutProbe(Probe{Name: "tick", Tags: map[string]string{"node": "s1"}})
	c.settle("tick", 2)
	const path = "/v1/events?types=launch.created&job=tick"
	read := func(n *Node, after string, count int) (ids []string) {
		deadline := time.Now().Add(30 * time.Second)
		for len(ids) < count && time.Now().Before(deadline) {
			_ = listen(n, path, after, func(e sse) bool {
				if e.name == "reset" {
					t.Error("reset")
				}
				if e.id != "" && strings.HasPrefix(e.name, "launch.") {
					ids, after = append(ids, e.id), e.id
				}
				return len(ids) < count
			})
		}
		return ids
	}
	first := read(c.Servers[0], "", 5)
	if len(first) != 5 {
		t.Fatalf("%d events", len(first))
	}
	again := read(c.Servers[1], first[0], 4) // what the other server has after the first
	if fmt.Sprint(again) != fmt.Sprint(first[1:]) {
		t.Errorf("one server sent %v, the other %v", first[1:], again)
	}
}
