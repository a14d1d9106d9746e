package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type rerunView struct {
	ID       uint64 `json:"id"`
	State    string `json:"state"`
	Total    int    `json:"total"`
	Launched int    `json:"launched"`
	Gone     int    `json:"gone"`
	Left     int    `json:"left"`
}

// The jobs whose launches may not overlap make the rerun take a while, so that its leader dies in the middle of it.
func TestARerunGoesOnAfterItsLeaderDiedAndRunsEachLaunchOnce(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	ran := filepath.Join(t.TempDir(), "ran")
	jobs := map[string]string{"any-1": "allow", "any-2": "allow", "one-1": "forbid", "one-2": "queue"}
	const each = 12
	put := func(name, command string) {
		c.Put(map[string]any{
			"name": name, "schedule": "@manually", "executor": "shell", "concurrency": jobs[name], "tags": map[string]string{"pool": "agents:1"},
			"executor_config": map[string]string{"shell": "true", "command": command},
		})
	}
	began := time.Now().UTC().Add(-time.Minute)
	for name := range jobs {
		put(name, "exit 3")
		for range each {
			Eventually(t, 20*time.Second, "a launch of "+name+" is taken", func() bool {
				return c.Do("POST", "/v1/jobs/"+name+"/run?wait", nil, nil) == nil
			})
		}
	}
	query := "/v1/launches/rerun?state=failed&since=" + began.Format(time.RFC3339)
	var count struct {
		Count int
		Until string
	}
	Eventually(t, 20*time.Second, "all have failed", func() bool {
		return c.Do("POST", query+"&dry_run", nil, &count) == nil && count.Count >= each*len(jobs)
	})
	for name := range jobs {
		put(name, "echo $DKRON_RERUN_OF >> "+ran+"; sleep 0.3")
	}
	query += "&until=" + count.Until + fmt.Sprintf("&count=%d", count.Count)
	var r rerunView
	Eventually(t, 20*time.Second, "the rerun is taken", func() bool { return c.Do("POST", query, nil, &r) == nil })
	path := fmt.Sprintf("/v1/reruns/%d", r.ID)
	Eventually(t, 20*time.Second, "the rerun has begun", func() bool { return c.Get(path, &r) == nil && r.Launched > each })
	leader := c.Leader()
	c.Event("kill leader %s", leader.Name)
	leader.Kill()
	if c.Get(path, &r); r.Left == 0 {
		t.Fatalf("the rerun ended before its leader: %+v", r)
	}
	t.Logf("killed at %+v", r)
	var again rerunView
	Eventually(t, 20*time.Second, "the request, repeated, is answered with the same rerun", func() bool { return c.Do("POST", query, nil, &again) == nil })
	if again.ID != r.ID {
		t.Errorf("repeated, it began rerun %d", again.ID)
	}
	Eventually(t, 60*time.Second, "the rerun is done", func() bool { return c.Get(path, &r) == nil && r.State == "done" })
	if r.Launched != count.Count || r.Gone != 0 {
		t.Errorf("%+v of %d", r, count.Count)
	}
	c.ranOnce(t, r.ID, count.Count, ran)
}

// ranOnce checks the launches that a rerun made, and the lines that they wrote: one for each launch that was run again.
func (c *Cluster) ranOnce(t *testing.T, rerun uint64, want int, file string) {
	t.Helper()
	var made []struct {
		State   string
		RerunOf string `json:"rerun_of"`
	}
	Eventually(t, 60*time.Second, "all launches have ended", func() bool {
		made = nil
		err := c.Get(fmt.Sprintf("/v1/launches?limit=1000&rerun=%d&state=success&state=failed&state=lost", rerun), &made)
		return err == nil && len(made) >= want
	})
	of := make(map[string]int)
	for _, l := range made {
		if of[l.RerunOf]++; l.State != "success" {
			t.Errorf("the launch that runs %s again: %s", l.RerunOf, l.State)
		}
	}
	lines := make(map[string]int)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(string(text)) {
		lines[line]++
	}
	if len(of) != want || len(made) != want || len(lines) != want {
		t.Errorf("%d launches of %d others, and commands of %d, want %d", len(made), len(of), len(lines), want)
	}
	for id, n := range lines {
		if n != 1 || of[id] != 1 {
			t.Errorf("%s ran again %d times by %d launches", id, n, of[id])
		}
	}
}
