package compat_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"dkron/test/cluster"
	"dkron/test/compat"
)

func TestMain(m *testing.M) {
	code := m.Run()
	cluster.RemoveBinary()
	os.Exit(code)
}

func TestDataOfEveryReleaseAreReadForEver(t *testing.T) {
	for _, r := range compat.Releases() {
		t.Run(r.Name, func(t *testing.T) { load(t, r.Name) })
	}
}

// kept is the counts of a day by its date, for the days that now are in the statistics: these are the last thirty, whenever this runs.
// Days without runs are left out.
func kept(stats, now any) any {
	days := func(of any) map[string]any {
		all := make(map[string]any)
		object, _ := of.(map[string]any)
		list, _ := object["stats"].([]any)
		for _, day := range list {
			if d, ok := day.(map[string]any); ok {
				all[fmt.Sprint(d["date"])] = d
			}
		}
		return all
	}
	found, present := days(stats), days(now)
	for date, day := range found {
		d, _ := day.(map[string]any)
		if _, ok := present[date]; !ok || d["success_count"] == 0.0 && d["failed_count"] == 0.0 {
			delete(found, date)
		}
	}
	return found
}

func load(t *testing.T, release string) {
	text, err := os.ReadFile(filepath.Join(release, "expect.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want expectation
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	c := cluster.Start(t, cluster.Config{Servers: 1, Agents: 1, Cold: true})
	server, agent := c.Servers[0], c.Agents[0]
	unpack(t, filepath.Join(release, "data.tar.gz"), map[string]string{"server": server.DataDir(), "agent": agent.DataDir()})
	server.Start()
	c.WaitReady(20 * time.Second)
	for path, body := range want.Reads {
		var got, old any
		if err := c.Get(path, &got); err != nil {
			t.Error(err)
			continue
		}
		if err := json.Unmarshal(body, &old); err != nil {
			t.Fatal(err)
		}
		if path == "/v1/stats" {
			old, got = kept(old, got), kept(got, got)
		}
		for _, d := range missing(path, old, got) {
			t.Errorf("what dkron %s has written reads differently now: %s", release, d)
		}
	}
	var due struct{ Next time.Time }
	if err := c.Get("/v1/jobs/far", &due); err != nil || due.Next.UTC().Format(time.RFC3339) != farAway {
		t.Errorf("far is due at %v, %v", due.Next, err)
	}
	if err := c.Get("/v1/jobs/yearly", &due); err != nil || !due.Next.After(time.Now()) {
		t.Errorf("yearly is due at %v, %v", due.Next, err)
	}
	if state := launch(t, c, want.Open); state != "running" {
		t.Errorf("before its agent is back, the open launch is %s", state)
	}
	agent.Start() // finds in its journal what it has begun, and that its process has gone
	cluster.Eventually(t, 20*time.Second, "the open launch ends, as its process has", func() bool {
		state := launch(t, c, want.Open)
		return state == "failed" || state == "lost"
	})
	run(t, c, "good") // and the cluster continues
}

func launch(t *testing.T, c *cluster.Cluster, id string) string {
	t.Helper()
	var l struct{ State string }
	if err := c.Get("/v1/launches/"+id, &l); err != nil {
		t.Fatal(err)
	}
	return l.State
}

// missing says what of the old answer the new one does not have. A new one may have more.
func missing(at string, old, now any) (list []string) {
	switch old := old.(type) {
	case map[string]any:
		is, _ := now.(map[string]any)
		for key, value := range old {
			list = append(list, missing(at+"."+key, value, is[key])...)
		}
	case []any:
		is, _ := now.([]any)
		if len(is) != len(old) {
			return []string{fmt.Sprintf("%s has %d entries instead of %d", at, len(is), len(old))}
		}
		for i := range old {
			list = append(list, missing(fmt.Sprintf("%s[%d]", at, i), old[i], is[i])...)
		}
	default:
		if !reflect.DeepEqual(old, now) {
			return []string{fmt.Sprintf("%s is %v instead of %v", at, now, old)}
		}
	}
	return list
}

func TestADataDirectoryOfANewerFormatIsRefusedAndNotTouched(t *testing.T) {
	c := cluster.Start(t, cluster.Config{Servers: 1, Agents: 1, Cold: true})
	for _, n := range c.Nodes() {
		newer := []byte(`{"format":99,"dkron":"9.9.0"}` + "\n")
		if err := os.MkdirAll(n.DataDir(), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(n.DataDir(), "format.json"), newer, 0o600); err != nil {
			t.Fatal(err)
		}
		n.Start()
		n.WillEnd()
		cluster.Eventually(t, 10*time.Second, n.Name+" has ended", func() bool { return n.Pid() == 0 })
		if n.Ended() != "exit status 1" || !strings.Contains(n.Log(1), "was written by dkron 9.9.0 in format 99") {
			t.Errorf("%s ended with %s:\n%s", n.Name, n.Ended(), n.Log(5))
		}
		files, err := filepath.Glob(filepath.Join(n.DataDir(), "*"))
		if err != nil || len(files) != 2 { // and the lock
			t.Errorf("there are %v, %v", files, err)
		}
	}
}
