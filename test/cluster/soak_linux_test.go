package cluster

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The bounds that operations.md promises.
const (
	mostLog     = 512 << 20 // bytes of raft/ at any time
	mostHistory = 250 << 20 // the highest total_bytes that the soak sets
	mostRestart = 150 << 20 // peak memory of a restarted server above that of an empty one
)

// diskUse returns the bytes that the files below a node's directory take.
func (n *Node) diskUse(dir string) (total int64) {
	_ = filepath.WalkDir(filepath.Join(n.dir, "data", dir), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // files come and go
		}
		if info, err := d.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}

// peakMemory returns the peak resident memory of a process.
func (n *Node) peakMemory(t testing.TB) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				t.Fatal(line, err)
			}
			return kb << 10
		}
	}
	t.Fatal("the process tells no peak")
	return 0
}

// watch records the largest size of each server's log, until stop is called.
func (c *Cluster) watch() (stop func() map[*Node]int64) {
	most, done := map[*Node]int64{}, make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for tick := time.NewTicker(200 * time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				for _, n := range c.Servers {
					most[n] = max(most[n], n.diskUse("raft"))
				}
			}
		}
	})
	return func() map[*Node]int64 {
		close(done)
		running.Wait()
		return most
	}
}

// emptyServer returns the peak memory of an empty server, and how long its restart takes.
func emptyServer(t *testing.T) (memory int64, restart time.Duration) {
	c := Start(t, Config{Servers: 1})
	defer c.close()
	c.Servers[0].Stop()
	c.Servers[0].Start()
	restart = c.WaitReady(20 * time.Second)
	return c.Servers[0].peakMemory(t), restart
}

// restarted restarts a server and checks the cost.
func (c *Cluster) restarted(t *testing.T, n *Node, emptyMemory int64, emptyRestart time.Duration) {
	t.Helper()
	n.Stop()
	n.Start()
	took := c.WaitReady(60 * time.Second)
	peak := n.peakMemory(t)
	t.Logf("%s: restart took %v (empty: %v), peak %d MiB (empty: %d MiB)", n.Name, took.Round(10*time.Millisecond),
		emptyRestart.Round(10*time.Millisecond), peak>>20, emptyMemory>>20)
	if peak > emptyMemory+mostRestart {
		t.Errorf("%s had %d MiB resident after its restart, an empty server %d MiB", n.Name, peak>>20, emptyMemory>>20)
	}
	if took > emptyRestart+5*time.Second {
		t.Errorf("the restart of %s took %v, that of an empty server %v", n.Name, took, emptyRestart)
	}
}

// printing is a job that prints this many incompressible bytes every second.
func printing(name string, size int) map[string]any {
	return map[string]any{"name": name, "schedule": "@every 1s", "executor": "shell", "tags": map[string]string{"server": "true:1"},
		"executor_config": map[string]string{"shell": "true", "command": fmt.Sprintf("head -c %d /dev/urandom | base64 -w0", size*3/4)}}
}

// The case from when the log was bounded only in entries: 1 GB of useless log, and as much memory to read it.
func TestLargeOutputsFillNeitherTheLogNorTheMemoryOfARestart(t *testing.T) {
	memory, restart := emptyServer(t)
	c := Start(t, Config{Servers: 1, Flags: []string{"--enable-prometheus"}})
	n := c.Servers[0]
	const jobs = 50
	for i := range jobs {
		c.Put(printing("big"+strconv.Itoa(i), 250_000))
	}
	stop := c.watch()
	want := float64(times(900, 4000)) // runs: 225 MB and 1 GB
	Eventually(t, time.Duration(times(300, 600))*time.Second, "the jobs have printed", func() bool {
		return c.series(n, "dkron_history_executions_total") >= want
	})
	for i := range jobs {
		c.remove(t, "big"+strconv.Itoa(i))
	}
	most := stop()[n]
	t.Logf("%.0f runs; raft/ had %d MiB at most, then %d MiB", c.series(n, "dkron_history_executions_total"), most>>20, n.diskUse("raft")>>20)
	if most > mostLog {
		t.Errorf("raft/ had %d MiB, want at most %d", most>>20, mostLog>>20)
	}
	c.restarted(t, n, memory, restart)
	Eventually(t, 3*time.Minute, "the log is small again, though nothing is written", func() bool { return n.diskUse("raft") < 64<<20 })
}

// A cluster under everything that fills disks: outputs of all sizes, jobs that are deleted and created again, changing
// limits, a server that is away for a while.
func TestDiskMemoryAndRestartsStayWithinTheirBoundsInASoak(t *testing.T) {
	memory, restart := emptyServer(t)
	c := Start(t, Config{Servers: 3})
	sizes := []int{0, 100, 10_000, 100_000, 250_000, 400_000}
	const jobs = 24
	for i := range jobs {
		c.Put(printing("soak"+strconv.Itoa(i), sizes[i%len(sizes)]))
	}
	stop := c.watch()
	rnd := rand.New(rand.NewPCG(1, 1))
	end := time.Now().Add(time.Duration(times(20, 600)) * time.Second)
	for round := 0; time.Now().Before(end); round++ {
		hold(2 * time.Second)
		c.disturb(rnd, round, sizes, jobs)
	}
	for i := range jobs {
		c.remove(t, "soak"+strconv.Itoa(i))
	}
	c.WaitReady(60 * time.Second)
	for n, most := range stop() {
		state := n.diskUse("state")
		t.Logf("%s: raft/ had %d MiB at most, state/ has %d MiB", n.Name, most>>20, state>>20)
		if state > 2*mostHistory+64<<20 {
			t.Errorf("state/ of %s has %d MiB at a limit of at most %d", n.Name, state>>20, mostHistory>>20)
		}
		if most > mostLog {
			t.Errorf("raft/ of %s had %d MiB, want at most %d", n.Name, most>>20, mostLog>>20)
		}
	}
	for _, n := range c.Servers {
		c.restarted(t, n, memory, restart)
	}
	if !torture() { // TestLargeOutputs… waits for this
		return
	}
	Eventually(t, 3*time.Minute, "the logs are small again, though nothing is written", func() bool {
		for _, n := range c.Servers {
			if n.diskUse("raft") > 64<<20 {
				return false
			}
		}
		return true
	})
}

// remove deletes a job. A busy server may take longer to answer than the timeout of a call.
func (c *Cluster) remove(t *testing.T, job string) {
	t.Helper()
	Eventually(t, 30*time.Second, "job "+job+" is deleted", func() bool {
		for _, n := range c.Servers {
			if status, err := c.call(n, http.MethodDelete, "/v1/jobs/"+job, nil, nil); err == nil || status == http.StatusNotFound {
				return true
			}
		}
		return false
	})
}

// disturb applies one disturbance to a cluster.
func (c *Cluster) disturb(rnd *rand.Rand, round int, sizes []int, jobs int) {
	job := rnd.IntN(jobs)
	name := "soak" + strconv.Itoa(job)
	switch {
	case round%15 == 7: // a server is away, and must catch up
		n := c.Servers[rnd.IntN(len(c.Servers))]
		c.Event("stop %s", n.Name)
		n.Stop()
		hold(5 * time.Second)
		n.Start()
		c.WaitReady(60 * time.Second)
	case round%5 == 3:
		history := map[string]any{"count": 1 + rnd.IntN(200), "total_bytes": 50<<20 + rnd.IntN(mostHistory-50<<20)}
		c.Event("settings %v", history)
		c.try(http.MethodPut, "/v1/settings", map[string]any{"history": history})
	case round%2 == 0:
		c.Event("delete %s", name)
		c.try(http.MethodDelete, "/v1/jobs/"+name, nil)
	default:
		c.Put(printing(name, sizes[rnd.IntN(len(sizes))]))
	}
}

// try makes a request that may be refused, such as one for a deleted job.
func (c *Cluster) try(method, path string, body any) {
	if err := c.ask(method, path, body, nil); err != nil {
		c.Event("%s %s: %v", method, path, err)
	}
}
