package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// idle measures the cost of an idle cluster: three servers, with o.jobs jobs that are due in the far future. The CPU
// time is the kernel's count for each process, so that other load on the machine hardly matters.
func idle(o *options, interrupted <-chan os.Signal) (err error) {
	dir, err := os.MkdirTemp("", "dkron-idle-")
	if err != nil {
		return err
	}
	if !o.keep {
		defer os.RemoveAll(dir)
	}
	list, err := startCluster(o, dir)
	defer func() {
		for _, s := range list {
			s.kill()
		}
	}()
	if err != nil {
		return err
	}
	if err := storeIdleJobs(list[0], o); err != nil {
		return err
	}
	if err := rest(o.warmup, interrupted); err != nil {
		return err
	}
	before := make([]usage, len(list))
	for i, s := range list {
		before[i] = readUsage(s.pid)
	}
	began := time.Now()
	if err := rest(o.duration, interrupted); err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	fmt.Printf("idle cluster of %d servers with %d jobs, %.1f s\n", len(list), o.jobs, took)
	var sum float64
	for i, s := range list {
		now := readUsage(s.pid)
		role := "follower"
		if s.leads() {
			role = "leader"
		}
		share := 100 * (now.cpu - before[i].cpu) / took
		sum += share
		fmt.Printf("%-9s %5.2f %% of a core, %6.0f wake-ups/s, %6.1f MiB resident\n", role, share, float64(now.switches-before[i].switches)/took, float64(now.rss)/1024)
	}
	fmt.Printf("all       %5.2f %% of a core\n", sum)
	return nil
}

// leads reports whether a server says that it leads.
func (s *server) leads() bool {
	var health struct{ Leader bool }
	return s.get("/health", &health) == nil && health.Leader
}

// storeIdleJobs stores jobs that fire at New Year, by restoring lists of them.
func storeIdleJobs(s *server, o *options) error {
	const portion = 5000
	for from := 0; from < o.jobs; from += portion {
		var list []string
		for i := from; i < min(from+portion, o.jobs); i++ {
			list = append(list, fmt.Sprintf(`{"name":"idle-%06d","schedule":"0 0 0 1 1 *","timezone":"UTC","executor":"shell","executor_config":{"command":"true"}}`, i))
		}
		if err := s.upload("/v1/restore", "["+strings.Join(list, ",")+"]"); err != nil {
			return err
		}
	}
	return nil
}

// usage is what a process has used so far.
type usage struct {
	cpu      float64 // seconds
	switches int64   // times that one of its threads went to sleep
	rss      int64   // KiB
}

func readUsage(pid int) usage {
	var u usage
	u.cpu, _ = cpu(pid)
	u.rss, _ = memory(pid)
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, path := range tasks {
		data, err := os.ReadFile(path)
		if errors.Is(err, syscall.ESRCH) || err != nil {
			continue // the thread has ended
		}
		for line := range strings.Lines(string(data)) {
			var n int64
			if _, err := fmt.Sscanf(line, "voluntary_ctxt_switches: %d", &n); err == nil {
				u.switches += n
			}
		}
	}
	return u
}

// kill ends a server; idle removes its data.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
