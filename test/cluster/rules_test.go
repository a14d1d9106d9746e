package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// counts returns how often each job was told, over all messages; a message that came twice counts once.
func (n *notices) counts() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make(map[string]int)
	for _, text := range n.text {
		for line := range strings.Lines(text) {
			var job string
			var count int
			if _, err := fmt.Sscan(line, &job, &count); err == nil {
				all[job] += count
			}
		}
	}
	return all
}

func (n *notices) messages() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.text)
}

// allEnded waits until each of the jobs j0, j1 … has so many executions that have ended.
func (c *Cluster) allEnded(jobs, want int) {
	c.t.Helper()
	Eventually(c.t, 60*time.Second, "all have ended", func() bool {
		for i := range jobs {
			all, err := c.Executions(fmt.Sprint("j", i))
			n := 0
			for _, e := range all {
				if !e.FinishedAt.IsZero() {
					n++
				}
			}
			if err != nil || n < want {
				return false
			}
		}
		return true
	})
}

// The receiver is down, or takes messages without saying so, while the leader dies twice.
func TestEachFailureIsToldOnceByRulesAlthoughLeadersDie(t *testing.T) {
	receiver, url := newNotices(t)
	c := Start(t, Config{Servers: 3, Agents: 1, Flags: []string{"--enable-prometheus"}})
	c.agreed()
	must := func(method, path string, body any) {
		t.Helper()
		Eventually(t, 30*time.Second, method+" "+path, func() bool { return c.Do(method, path, body, nil) == nil })
	}
	must("PUT", "/v1/channels/hook", map[string]any{"type": "webhook", "settings": map[string]string{
		"url": url, "body": "{{ range .Items }}{{ .Job }} {{ .Count }}\n{{ end }}",
	}})
	must("PUT", "/v1/rules/all", map[string]any{"on": []string{"failed"}, "channels": []string{"hook"}})
	const jobs, rounds = 20, 3
	for i := range jobs {
		c.Put(map[string]any{
			"name": fmt.Sprint("j", i), "schedule": "@manually", "tags": map[string]string{"pool": "agents:1"}, "executor": "shell",
			"executor_config": map[string]string{"command": "false"},
		})
	}
	for round := range rounds {
		if round == 0 {
			receiver.set(503, false)
		} else {
			receiver.set(0, round == 1) // it takes them, and breaks the connection
		}
		for i := range jobs {
			must("POST", fmt.Sprintf("/v1/jobs/j%d/run", i), nil)
		}
		c.allEnded(jobs, round+1)
		if round == rounds-1 {
			break
		}
		leader := c.Leader()
		c.Event("kill leader %s", leader.Name)
		leader.Kill()
		c.Leader()
		leader.Start()
		c.WaitReady(30 * time.Second)
	}
	Eventually(t, 60*time.Second, "all are told", func() bool {
		told := receiver.counts()
		for i := range jobs {
			if told[fmt.Sprint("j", i)] < rounds {
				return false
			}
		}
		return true
	})
	for job, n := range receiver.counts() {
		all, err := c.Executions(job)
		if err != nil || n != len(all) {
			t.Errorf("%s failed %d times and was told %d times: %v", job, len(all), n, err)
		}
	}
}

// 10,000 failures in a minute would be as many mails.
func TestAStormOfFailuresMakesFewMessages(t *testing.T) {
	receiver, url := newNotices(t)
	c := Start(t, Config{Servers: 1, Flags: []string{"--enable-prometheus"}})
	c.agreed()
	for path, body := range map[string]any{
		"/v1/channels/hook": map[string]any{"type": "webhook", "settings": map[string]string{"url": url, "body": "total {{ .Total }}\n"}},
	} {
		if err := c.Do("PUT", path, body, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Do("PUT", "/v1/rules/all", map[string]any{"on": []string{"no_target", "changed", "failed"}, "channels": []string{"hook"}}, nil); err != nil {
		t.Fatal(err)
	}
	const jobs = 2000 // each is created, and changed four times: 10,000 things that a rule notices
	began := time.Now()
	batch := func(command string) {
		t.Helper()
		const part = 200 // as many as a server restores within the time that clients of tests have
		for from := 0; from < jobs; from += part {
			list := make([]map[string]any, part)
			for i := range list {
				list[i] = map[string]any{
					"name": fmt.Sprint("s", from+i), "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"command": command},
				}
			}
			if err := c.Do("POST", "/v1/restore", list, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 5 {
		batch(fmt.Sprint("true ", i))
	}
	Eventually(t, 90*time.Second, "all are told", func() bool { return receiver.counts()["total"] >= 5*jobs })
	took := time.Since(began)
	if total, n, most := receiver.counts()["total"], receiver.messages(), 1+int(took/(6*time.Second))+1; total != 5*jobs || n > most {
		t.Errorf("%d are told in %d messages within %s, at most %d are allowed", total, n, took, most)
	}
	t.Logf("%d things in %s made %d messages", 5*jobs, took.Round(time.Millisecond), receiver.messages())
}
