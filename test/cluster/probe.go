package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// script writes one line at the start and one at the end, each with a single write to a file opened for appending, so
// that lines of concurrent runs do not mix. The last field of the first one is 0. A command that is killed leaves no
// second line.
const script = `#!/bin/sh
file=$1
start=$(date +%s%N)
line() { printf '%s %s %s %s %s %s %s\n' "$DKRON_LAUNCH_ID" "$DKRON_EXECUTION_ID" "$DKRON_SCHEDULED_AT" "$DKRON_ATTEMPT" "$DKRON_NODE_NAME" "$start" "$1" >>"$file"; }
line 0
[ "$2" = 0 ] || sleep "$2"
line "$(date +%s%N)"
`

func (c *Cluster) writeProbe() {
	c.probe = filepath.Join(c.dir, "probe.sh")
	if err := os.WriteFile(c.probe, []byte(script), 0o700); err != nil {
		c.t.Fatal(err)
	}
}

// Probe is a job whose command records when it runs.
type Probe struct {
	Name        string
	Schedule    string            // default: every second
	Sleep       string            // seconds that it takes, default 0
	Concurrency string            // default allow
	Tags        map[string]string // default: one of the agents
	Extra       map[string]any    // further fields of the job
}

// PutProbe stores a probe job and returns the first whole second that it must run for.
func (c *Cluster) PutProbe(p Probe) time.Time {
	c.t.Helper()
	if p.Schedule == "" {
		p.Schedule = "* * * * * *"
	}
	if p.Sleep == "" {
		p.Sleep = "0"
	}
	if p.Concurrency == "" {
		p.Concurrency = "allow"
	}
	if p.Tags == nil {
		p.Tags = map[string]string{"pool": "agents:1"}
	}
	job := map[string]any{
		"name": p.Name, "schedule": p.Schedule, "timezone": "UTC", "executor": "shell", "concurrency": p.Concurrency,
		"tags":            p.Tags,
		"executor_config": map[string]string{"command": fmt.Sprintf("%s %s %s", c.probe, c.probeFile(p.Name), p.Sleep)},
	}
	for k, v := range p.Extra {
		job[k] = v
	}
	c.Put(job)
	return time.Now().Truncate(time.Second).Add(time.Second)
}

func (c *Cluster) probeFile(job string) string { return filepath.Join(c.dir, job+".probe") }

// Run is one run of a probe's command.
type Run struct {
	LaunchID    string
	ExecutionID string
	Nominal     time.Time
	Attempt     int
	Node        string
	Start       time.Time
	End         time.Time // zero: it was not reached
}

// Runs returns what a job's probes have recorded.
func (c *Cluster) Runs(job string) []Run {
	c.t.Helper()
	data, err := os.ReadFile(c.probeFile(job))
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	runs, err := ParseRuns(data)
	if err != nil {
		c.t.Fatalf("probe file of %s: %v", job, err)
	}
	return runs
}

// ParseRuns reads the probe's lines in the order of the starts. A start is matched with its end by execution and start,
// so that two starts of one execution stay two runs.
func ParseRuns(data []byte) ([]Run, error) {
	var runs []Run
	index := make(map[string]int)
	if i := bytes.LastIndexByte(data, '\n'); i >= 0 {
		data = data[:i] // the rest is still being written
	} else {
		return nil, nil
	}
	for n, line := range strings.Split(string(data), "\n") {
		f := strings.Fields(line)
		if len(f) != 7 {
			return nil, fmt.Errorf("line %d has %d fields: %q", n+1, len(f), line)
		}
		nominal, err := time.Parse(time.RFC3339Nano, f[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		var number [3]int64
		for i, text := range []string{f[3], f[5], f[6]} {
			if number[i], err = strconv.ParseInt(text, 10, 64); err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
		}
		key := f[1] + " " + f[5]
		if number[2] == 0 {
			index[key] = len(runs)
			runs = append(runs, Run{
				LaunchID: f[0], ExecutionID: f[1], Nominal: nominal, Attempt: int(number[0]), Node: f[4],
				Start: time.Unix(0, number[1]).UTC(),
			})
			continue
		}
		i, ok := index[key]
		if !ok {
			return nil, fmt.Errorf("line %d ends a run that did not begin: %q", n+1, line)
		}
		runs[i].End = time.Unix(0, number[2]).UTC()
	}
	return runs, nil
}

// probes returns the processes of a job's commands, which have its file in their command line.
func (c *Cluster) probes(job string) []int { return processes(c.probeFile(job)) }

func processes(argument string) (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err != nil || !bytes.Contains(line, []byte(argument)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// killProbes kills commands that have outlived their nodes.
func (c *Cluster) killProbes() {
	for _, pid := range processes(c.probe) {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // its group: the command's sleep too
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
