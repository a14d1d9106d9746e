package telemetry

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gometrics "github.com/hashicorp/go-metrics"

	"dkron"
)

func yes() bool { return true }

// receiver is a statsd server: it has the lines that arrive.
func receiver(t *testing.T, network, addr string) (conn net.PacketConn, until func(...string) []string) {
	t.Helper()
	conn, err := net.ListenPacket(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var lines []string
	return conn, func(want ...string) []string {
		t.Helper()
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		buf := make([]byte, 1<<16)
		for {
			missing := slices.DeleteFunc(slices.Clone(want), func(w string) bool { return slices.Contains(lines, w) })
			if len(missing) == 0 {
				return lines
			}
			n, _, err := conn.ReadFrom(buf)
			if err != nil {
				t.Fatalf("%q did not arrive; there is\n%s", missing, strings.Join(lines, "\n"))
			}
			if n > maxPacket {
				t.Errorf("a packet of %d bytes", n)
			}
			lines = append(lines, strings.Split(string(buf[:n]), "\n")...)
		}
	}
}

func count(m *Metrics) {
	m.ExecutionsEnded([]*dkron.Execution{
		ended(dkron.Success, 1, 20*time.Millisecond, 2*time.Second), ended(dkron.Failed, 1, 20*time.Millisecond, 2*time.Second),
	})
	m.RequestDone("SetJob", 12*time.Millisecond, true)
	m.ServerMoved()
}

func TestStatsdGetsIncreasesGaugesTimesAndQuantiles(t *testing.T) {
	conn, until := receiver(t, "udp", "127.0.0.1:0")
	m := NewMetrics("devel")
	m.ServerMoved() // before: it is not sent
	stop := m.SendTo(StatsdConfig{Addr: conn.LocalAddr().String(), Logger: slog.New(slog.DiscardHandler)})
	m.ReadJobs(func(add func(Job) bool) { add(Job{Name: "a.b", Number: 1, Succeeded: 7}) })
	pause := m.Push(yes)
	count(m)
	pause()
	stop()
	lines := until(
		"dkron.grpc.set_job:12|ms", "dkron.executions_total.success:1|c", "dkron.executions_total.failed:1|c", "dkron.raft.servers_moved_total:1|c",
		"dkron.execution.duration_seconds.count:2|c", "dkron.execution.duration_seconds.sum:4|c", "dkron.execution.lateness_seconds.p99:0.02485|g",
	)
	for _, line := range lines {
		if strings.HasPrefix(line, "go_") || strings.Contains(line, "executions_succeeded_total") {
			t.Errorf("%s is sent: nothing new has happened", line)
		}
	}
}

func TestDogStatsdGetsLabelsAsTagsOverALocalSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dsd.socket")
	_, until := receiver(t, "unixgram", path)
	m := NewMetrics("devel")
	stop := m.SendTo(StatsdConfig{Addr: "unix://" + path, Dog: true, Tags: []string{"env:prod", "team:ops"}, Logger: slog.New(slog.DiscardHandler)})
	succeeded := uint64(7)
	m.ReadJobs(func(add func(Job) bool) { add(Job{Name: "backup", Number: 1, Succeeded: succeeded}) })
	pause := m.Push(yes)
	count(m)
	succeeded = 9
	m.ExecutionsEnded([]*dkron.Execution{ranJob(1, dkron.Success, 0)})
	m.sinks[0].IncrCounterWithLabels([]string{"dkron", "raft", "x"}, 2, []gometrics.Label{{Name: "peer_id", Value: "n|1"}})
	pause()
	stop()
	until("dkron.grpc.set_job:12|ms|#env:prod,team:ops", "dkron.executions_total:1|c|#env:prod,team:ops,outcome:failed",
		"dkron.job.duration_seconds.sum:2|c|#env:prod,team:ops,job_name:job-1", "dkron.job.executions_succeeded_total:2|c|#env:prod,team:ops,job_name:backup", "dkron.raft.x:2|c|#env:prod,team:ops,peer_id:n_1")
}

func TestOnlyTheLeaderSendsWhatEveryServerCounts(t *testing.T) {
	conn, until := receiver(t, "udp", "127.0.0.1:0")
	m := NewMetrics("devel")
	stop := m.SendTo(StatsdConfig{Addr: conn.LocalAddr().String(), Logger: slog.New(slog.DiscardHandler)})
	leads := false
	p := newPusher(m, func() bool { return leads })
	count(m)
	m.RanHere(ranCommand("backup", dkron.Failed, &dkron.ExitCode{Code: 3}, nil))
	p.push() // as a follower, which sends what ran there
	leads = true
	m.LaunchesEnded([]*dkron.Launch{{Cause: dkron.CauseManual, State: dkron.LaunchSuccess}})
	p.push()
	stop()
	for _, line := range until("dkron.launches_total.manual.success:1|c", "dkron.raft.servers_moved_total:1|c", "dkron.job.execution_done_count.3.backup:1|c") {
		if strings.HasPrefix(line, "dkron.executions_total") && strings.HasSuffix(line, "|c") {
			t.Errorf("%s was counted while another server led, which has sent it", line)
		}
	}
}

// A receiver that is dead, slow or unknown delays nobody; what it misses is counted.
func TestNoReceiverDelaysAnything(t *testing.T) {
	dead, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	full := filepath.Join(t.TempDir(), "full.socket")
	slow, err := net.ListenPacket("unixgram", full) // nobody reads from it
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	for name, addr := range map[string]string{
		"dead": dead.LocalAddr().String(), "slow": "unix://" + full, "unknown": "nowhere.invalid:8125", "no socket": "unix:///does/not/exist",
	} {
		t.Run(name, func(t *testing.T) {
			m := NewMetrics("devel")
			stop := m.SendTo(StatsdConfig{Addr: addr, Logger: slog.New(slog.DiscardHandler)})
			pause := m.Push(yes)
			began := time.Now()
			for range 5 * maxQueued {
				m.RequestDone("SetJob", time.Millisecond, true)
			}
			if took := time.Since(began); took > 15*time.Second { // it takes 20 ms
				t.Errorf("counting took %s", took)
			}
			pause()
			stop()
			if name != "dead" && m.sinks[0].dropped.Load() == 0 { // what is sent to a closed port may be lost unseen
				t.Error("nothing was counted as dropped")
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s to end", took)
			}
		})
	}
	if _, err := os.Stat(full); errors.Is(err, os.ErrNotExist) {
		t.Error("the receiver's socket is gone")
	}
}

func TestPlainStatsdHasLabelsInNamesAndNoSigns(t *testing.T) {
	s := newStatsd(StatsdConfig{})
	s.send("runs", 1, lineCounter, label{"job", "a b"}, label{"exit_code", ""})
	if got := string(<-s.lines); got != "runs.a_b.none:1|c" {
		t.Errorf("got %q", got)
	}
	s.send("skew", -1.5, lineGauge)
	if got := string(<-s.lines); got != "skew:0|g\nskew:-1.5|g" {
		t.Errorf("got %q", got)
	}
}

func TestNamesAreThoseOfEarlierVersions(t *testing.T) {
	for name, want := range map[string]string{
		"dkron_grpc_set_job": "dkron.grpc.set_job", "dkron_agent_event_received_member_join": "dkron.agent.event_received.member_join",
		"dkron_dkron_leader_barrier": "dkron.dkron.leader.barrier", "dkron_runtime_alloc_bytes": "dkron.runtime.alloc_bytes",
		"dkron_job_executions_failed_total": "dkron.job.executions_failed_total", "dkron_is_leader": "dkron.is_leader", "dkron_jobs": "dkron.jobs",
	} {
		if got := dotted(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
