package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"dkron/internal/porttest"
)

// clusterServers is how many servers a cluster has.
const clusterServers = 3

// startCluster starts servers with further arguments, and returns once each of them is ready. What was started is returned
// in any case.
func startCluster(o *options, dir string, args ...string) ([]*server, error) {
	binary := o.binary
	if binary == "" {
		binary = filepath.Join(dir, "dkron")
		if out, err := exec.Command("go", "build", "-o", binary, "dkron/cmd/dkron").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build dkron: %w\n%s", err, out)
		}
	}
	ports, err := porttest.Several(3 * clusterServers)
	if err != nil {
		return nil, err
	}
	var list []*server
	for i := range clusterServers {
		s := &server{http: &http.Client{Timeout: 5 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: creators}}, dir: filepath.Join(dir, fmt.Sprint("s", i+1))}
		if err := os.Mkdir(s.dir, 0o700); err != nil {
			return list, err
		}
		own := ports[3*i:]
		s.addr = "127.0.0.1:" + own[0]
		s.cmd = exec.Command(binary, append([]string{
			"agent", "--server", fmt.Sprint("--bootstrap-expect=", clusterServers), "--node-name=s" + fmt.Sprint(i+1),
			"--http-addr=" + s.addr, "--rpc-port=" + own[1], "--bind-addr=127.0.0.1:" + own[2], "--data-dir=" + filepath.Join(s.dir, "data"),
			"--retry-join=127.0.0.1:" + ports[2],
		}, args...)...)
		log, err := os.Create(filepath.Join(s.dir, "log"))
		if err != nil {
			return list, err
		}
		s.cmd.Stdout, s.cmd.Stderr, s.cmd.Env = log, log, append(cleanEnv(), "HOME="+s.dir)
		tie(s.cmd)
		err = s.cmd.Start()
		log.Close()
		if err != nil {
			return list, err
		}
		s.pid = s.cmd.Process.Pid
		list = append(list, s)
	}
	for _, s := range list {
		if err := s.awaitReady(); err != nil {
			return list, err
		}
	}
	return list, nil
}

func (s *server) awaitReady() error {
	for range 400 {
		if s.get("/ready", nil) == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("a server is not ready after 20s\n%s", s.tail())
}

// tlsRounds is how often a cluster is measured with TLS, and how often without.
const tlsRounds = 2

// compareTLS measures what TLS between nodes costs: clusters without and with a join secret, in turn. Every run goes to one of
// the three servers, so two of three orders, results, and all of Raft's log go over connections between nodes.
func compareTLS(o *options, interrupted <-chan os.Signal) error {
	dir, err := os.MkdirTemp("", "dkron-load-")
	if err != nil {
		return err
	}
	if !o.keep {
		defer os.RemoveAll(dir)
	}
	secret := filepath.Join(dir, "join-secret")
	if err := os.WriteFile(secret, []byte(rand.Text()), 0o600); err != nil {
		return err
	}
	k, err := startSink()
	if err != nil {
		return err
	}
	defer k.stop()
	var plain, protected measurement
	for round := range tlsRounds {
		for _, c := range []struct {
			name string
			args []string
			sum  *measurement
		}{{"without TLS", nil, &plain}, {"with TLS", []string{"--join-secret-file=" + secret}, &protected}} {
			fmt.Println(c.name)
			own := filepath.Join(dir, fmt.Sprint(round, " ", c.name))
			if err := os.Mkdir(own, 0o700); err != nil {
				return err
			}
			m, err := measureCluster(o, own, k, interrupted, c.args...)
			if err != nil {
				return err
			}
			m.print(o)
			c.sum.recorded, c.sum.cpu, c.sum.took = c.sum.recorded+m.recorded, c.sum.cpu+m.cpu, c.sum.took+m.took
		}
	}
	rate := func(m *measurement) float64 { return float64(m.recorded) / m.took.Seconds() }
	each := func(m *measurement) float64 { return m.cpu / float64(max(m.recorded, 1)) }
	fmt.Printf("with TLS %.1f %% of the runs a second, and %.1f %% of the CPU time per run\n",
		100*rate(&protected)/rate(&plain), 100*each(&protected)/each(&plain))
	return nil
}

func measureCluster(o *options, dir string, k *sink, interrupted <-chan os.Signal, args ...string) (m *measurement, err error) {
	list, err := startCluster(o, dir, append(args, "--tag=role=load")...)
	defer func() {
		for _, s := range list {
			s.kill()
		}
	}()
	if err != nil {
		return nil, err
	}
	leader, err := leaderOf(list)
	if err != nil {
		return nil, err
	}
	if err := createJobs(leader, o, k); err != nil {
		return nil, err
	}
	return measure(o, leader, k, interrupted)
}

// leaderOf returns the server that leads. What it is said to use is what all use.
func leaderOf(list []*server) (*server, error) {
	at := slices.IndexFunc(list, (*server).leads)
	if at < 0 {
		return nil, errors.New("no server leads")
	}
	for i, s := range list {
		if i != at {
			list[at].others = append(list[at].others, s.pid)
		}
	}
	return list[at], nil
}
