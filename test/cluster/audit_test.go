package cluster

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// auditRecord is a part of a record of the audit.
type auditRecord struct {
	ID     string
	Index  *uint64
	Who    struct{ Address string }
	Server string
	Action string
	Kind   string
	Object string
	Before map[string]any
	After  map[string]any
	Status int
}

type auditPage struct {
	Records []auditRecord
	Missing []string
}

func (c *Cluster) audit(through *Node, query string) (p auditPage) {
	c.t.Helper()
	if _, err := c.call(through, "GET", "/v1/audit?limit=1000"+query, nil, &p); err != nil {
		c.t.Fatal(err)
	}
	return p
}

// refusedBy makes a page of another origin ask a server for a change, which that refuses.
func (c *Cluster) refusedBy(n *Node) {
	c.t.Helper()
	req, err := http.NewRequest("POST", "http://"+n.httpAddr()+"/v1/jobs/evil/run", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Origin", "http://evil.example")
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		c.t.Fatalf("status %d", resp.StatusCode)
	}
}

// Changes go through followers while the leader dies; a refusal is seen through the others, also after a restart.
func TestTheAuditHasEachChangeOnceAndRefusalsOfAllServers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := Start(t, Config{Servers: 3, Cold: true})
	for _, s := range c.Servers {
		s.args = append(s.args, "--audit-file="+filepath.Join(dir, s.Name))
	}
	for _, s := range c.Servers {
		s.Start()
	}
	c.WaitReady(time.Minute)
	leader := c.Leader()
	i := slices.Index(c.Servers, leader)
	one, two := c.Servers[(i+1)%3], c.Servers[(i+2)%3]

	job := func(retries int) map[string]any {
		return map[string]any{"name": "audited", "schedule": "@manually", "executor": "shell", "retries": retries,
			"executor_config": map[string]string{"command": "true"}}
	}
	change := func(through *Node, retries int) {
		t.Helper()
		var err error
		Eventually(t, time.Minute, fmt.Sprintf("change %d is made", retries), func() bool {
			_, err = c.call(through, "POST", "/v1/jobs", job(retries), nil)
			return err == nil
		})
	}
	follow := c.followAudit(leader)
	change(one, 1)
	change(two, 2)
	c.refusedBy(leader)
	c.refusedBy(one)
	leader.Kill()
	change(one, 3)
	change(two, 4)

	c.checkAudit(one, leader.Name, 1, one, two)
	c.checkAudit(two, leader.Name, 1, one, two)
	follow.seesItAway()
	leader.Start()
	c.WaitReady(time.Minute)
	for _, s := range c.Servers {
		Eventually(t, time.Minute, s.Name+" reaches all servers", func() bool { return len(c.audit(s, "&refused=true").Missing) == 0 })
		c.checkAudit(s, "", 2, one, two)
	}
	for _, s := range c.Servers {
		Eventually(t, time.Minute, "the file of "+s.Name+" has all changes", func() bool { return len(changesIn(t, filepath.Join(dir, s.Name))) == 4 })
	}
	follow.hasAll()
}

// A followedAudit is a dkron audit --follow that runs, and the file it prints to.
type followedAudit struct {
	t       testing.TB
	command *exec.Cmd
	path    string
	ended   bool
}

// followAudit starts dkron audit --follow on a server, and waits until it has begun.
func (c *Cluster) followAudit(at *Node) *followedAudit {
	t := c.t
	t.Helper()
	f := &followedAudit{t: t, path: filepath.Join(t.TempDir(), "followed")}
	out, err := os.Create(f.path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	f.command = exec.Command(c.binary, "audit", "--follow", "--rpc-addr="+at.RPC)
	f.command.Stdout, f.command.Stderr = out, out
	if err := f.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !f.ended {
			_ = f.command.Process.Kill()
			_ = f.command.Wait()
		}
	})
	Eventually(t, time.Minute, "the command has begun", func() bool { return f.times("Detail") == 1 })
	return f
}

// times returns how often the command has printed a text.
func (f *followedAudit) times(text string) int {
	data, err := os.ReadFile(f.path)
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.Count(string(data), text)
}

// seesItAway waits until the command has said that it can't reach its server. One that starts again at once may never be missed.
func (f *followedAudit) seesItAway() {
	f.t.Helper()
	Eventually(f.t, time.Minute, "the command says that the server is away", func() bool { return f.times("trying again") > 0 })
}

// hasAll waits until the command has printed four changes and two refusals, each once, interrupts it, and checks that it ends well.
func (f *followedAudit) hasAll() {
	f.t.Helper()
	Eventually(f.t, time.Minute, "the command has printed all", func() bool { return f.times("SetJob") == 4 && f.times("refused with 403") == 2 })
	if err := f.command.Process.Signal(os.Interrupt); err != nil {
		f.t.Fatal(err)
	}
	err := f.command.Wait()
	if f.ended = true; err != nil {
		f.t.Errorf("an interrupted command fails: %v", err)
	}
}

// checkAudit checks what a server answers: four changes, by turns through one and two, and refusals.
func (c *Cluster) checkAudit(through *Node, missing string, refusals int, one, two *Node) {
	t := c.t
	t.Helper()
	var p auditPage
	// A follower answers from its own copy, which may be a moment old.
	Eventually(t, time.Minute, through.Name+" has all changes", func() bool {
		p = c.audit(through, "&job=audited")
		return len(p.Records) >= 4
	})
	if len(p.Records) != 4 || strings.Join(p.Missing, ",") != missing {
		t.Fatalf("through %s: %d records, missing %v: %+v", through.Name, len(p.Records), p.Missing, p.Records)
	}
	for i, r := range p.Records {
		want := 4 - i
		asked := []*Node{one, two}[(want+1)%2]
		if r.Action != "SetJob" || r.Kind != "job" || r.Index == nil || r.Server != asked.Name || r.Who.Address == "" || fmt.Sprint(r.After["retries"]) != fmt.Sprint(want) {
			t.Errorf("through %s, change %d: %+v", through.Name, want, r)
		}
		if want > 1 && fmt.Sprint(r.Before["retries"]) != fmt.Sprint(want-1) || want == 1 && r.Before != nil {
			t.Errorf("through %s, before change %d: %+v", through.Name, want, r.Before)
		}
	}
	if p := c.audit(through, "&refused=true"); len(p.Records) != refusals {
		t.Errorf("through %s: %+v", through.Name, p.Records)
	}
}

// changesIn returns the ids of the changes of jobs in a file of the audit.
func changesIn(t *testing.T, path string) (ids map[string]bool) {
	t.Helper()
	ids = make(map[string]bool)
	f, err := os.Open(path)
	if err != nil {
		return ids
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r auditRecord
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if r.Action == "SetJob" {
			ids[r.ID] = true
		}
	}
	return ids
}
