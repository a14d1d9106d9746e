package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"dkron/internal/porttest"
)

// sinkEnv, if set, makes this binary a sink that listens at its value.
const sinkEnv = "DKRON_LOAD_SINK"

// arrivals is what a sink has received since the last request for it.
type arrivals struct {
	Count    int
	Unknown  int             // without the header that has the due time
	Repeated int             // with the id of an execution that had arrived before
	Messages int             // of a channel
	Lateness []time.Duration // arrival − nominal
}

// runSink answers calls, measures them and reports the results.
func runSink(addr string) error {
	var mu sync.Mutex // guards got and seen
	got := arrivals{Lateness: make([]time.Duration, 0, 1<<20)}
	seen := make(map[string]struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/run", func(_ http.ResponseWriter, r *http.Request) {
		now := time.Now()
		due, err := time.Parse(time.RFC3339Nano, r.Header.Get("X-Dkron-Scheduled-At"))
		// The id of an execution is unique within its job only.
		id := r.Header.Get("X-Dkron-Launch-Id") + " " + r.Header.Get("X-Dkron-Execution-Id")
		mu.Lock()
		defer mu.Unlock()
		got.Count++
		if err != nil {
			got.Unknown++
			return
		}
		if _, ok := seen[id]; ok {
			got.Repeated++
		}
		seen[id] = struct{}{}
		got.Lateness = append(got.Lateness, now.Sub(due))
	})
	mux.HandleFunc("/fail", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) })
	mux.HandleFunc("/message", func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		got.Messages++
		mu.Unlock()
	})
	mux.HandleFunc("/take", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		taken := got
		got = arrivals{Lateness: make([]time.Duration, 0, 1<<20)}
		mu.Unlock()
		_ = json.NewEncoder(w).Encode(taken)
	})
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return http.Serve(l, mux)
}

// sink is the process that jobs of mode http call.
type sink struct {
	addr string
	cmd  *exec.Cmd
}

func startSink() (*sink, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ports, err := porttest.Several(1)
	if err != nil {
		return nil, err
	}
	k := &sink{addr: "127.0.0.1:" + ports[0], cmd: exec.Command(self)}
	k.cmd.Env = append(os.Environ(), sinkEnv+"="+k.addr)
	k.cmd.Stderr = os.Stderr
	tie(k.cmd)
	if err := k.cmd.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		if _, err = k.take(); err == nil {
			return k, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	k.stop()
	return nil, fmt.Errorf("the sink does not answer: %w", err)
}

// take returns what has arrived since the last call.
func (k *sink) take() (*arrivals, error) {
	resp, err := http.Get("http://" + k.addr + "/take")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	a := new(arrivals)
	return a, json.NewDecoder(resp.Body).Decode(a)
}

func (k *sink) stop() {
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait()
}
