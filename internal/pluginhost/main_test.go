//go:build unix

package pluginhost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dkron/plugin"
	"dkron/plugin/serve"
)

// TestMain makes the test's binary a plugin if it is started by the name of one.
func TestMain(m *testing.M) {
	Guard()
	switch filepath.Base(os.Args[0]) {
	case "dkron-executor-kit":
		serve.Executor(kit{}, serve.Options{Version: "1.2.3"})
	case "dkron-executor-env":
		serve.Executor(telling{}, serve.Options{})
	case "dkron-executor-old":
		serveOld()
	case "dkron-executor-bad":
		serve.Executor(bad{}, serve.Options{})
	case "dkron-processor-kit":
		serve.Processor(mover{}, serve.Options{Version: "1.2.3"})
	case "dkron-processor-old":
		serveOldProcessor()
	case "dkron-processor-garbage":
		serveLiar(sayGarbage)
	case "dkron-executor-crash", "dkron-processor-crash":
		fmt.Fprintln(os.Stderr, "no license found")
		os.Exit(7)
	case "dkron-executor-mute":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGUSR1)
		<-signals // it never says that it can be called
	case "dkron-executor-garbage":
		for {
			fmt.Println(strings.Repeat("garbage ", 10_000))
		}
	default:
		os.Exit(m.Run())
	}
}

// kit is an executor that does what the job says.
type kit struct{}

func (kit) Execute(ctx context.Context, r *plugin.ExecuteRequest, status plugin.Status) (*plugin.ExecuteResponse, error) {
	switch r.Config["do"] {
	case "echo":
		status.Write([]byte("out "), false)
		status.Write([]byte(r.Config["text"]), true)
		return &plugin.ExecuteResponse{}, nil
	case "say":
		text := fmt.Sprintf("%s %s %s %d %d %s %s %s", r.JobName, r.LaunchID, r.ExecutionID, r.Group, r.Attempt, r.NodeName, r.ScheduledAt.Format(time.RFC3339), r.Cluster)
		return &plugin.ExecuteResponse{Output: []byte(text)}, nil
	case "fail":
		return &plugin.ExecuteResponse{
			Output: []byte{}, Error: "exit status 17", ExitCode: new(17), TimedOut: true, LeftRunning: []string{"pid 1 (sleep)"}, Reason: "it did not want to",
			Usage: &plugin.Usage{CPU: time.Second, MaxRSS: 1 << 20, MemoryLimit: 1 << 30},
		}, nil
	case "short":
		return nil, fmt.Errorf("%w: no more sockets", plugin.ErrShortage)
	case "panic":
		panic("oh no")
	case "started":
		err := status.Started([]byte("handle " + r.ExecutionID))
		return &plugin.ExecuteResponse{Output: []byte("stored")}, err
	case "wait": // until it is stopped
		status.Write([]byte("pid "+strconv.Itoa(os.Getpid())), false)
		<-ctx.Done()
		if errors.Is(context.Cause(ctx), plugin.ErrStopped) {
			return &plugin.ExecuteResponse{Error: "stopped by a wish"}, nil
		}
		return &plugin.ExecuteResponse{Error: "stopped by the node"}, nil
	case "nap":
		status.Write([]byte("zzz"), false)
		return nap(ctx), nil
	case "deaf":
		child := exec.Command("sleep", "1000")
		if err := child.Start(); err != nil {
			return nil, err
		}
		status.Write(fmt.Appendf(nil, "pids %d %d", os.Getpid(), child.Process.Pid), false)
		select {}
	case "leak":
		return leak(ctx), nil
	case "breed": // processes that ignore a request to end; the last one has a session of its own, no parent and no environment
		status.Write(fmt.Appendf(nil, "%d", os.Getpid()), false)
		for _, script := range []string{`trap "" TERM HUP; while :; do sleep 0.1; done`, `env -i setsid sh -c 'trap "" TERM HUP; while :; do sleep 0.1; done' "$0" & exit`, r.Config["also"]} {
			if err := exec.Command("sh", "-c", script, r.Config["mark"]).Start(); err != nil {
				return nil, err
			}
		}
		<-ctx.Done()
		return &plugin.ExecuteResponse{}, nil
	case "exit", "leave":
		return nil, exit(r.Config["do"] == "leave", status)
	}
	return nil, errors.New("what?")
}

// leak takes 512 MiB until ctx ends.
func leak(ctx context.Context) *plugin.ExecuteResponse {
	var all [][]byte
	for range 64 {
		all = append(all, bytes.Repeat([]byte("x"), 8<<20))
	}
	<-ctx.Done()
	return &plugin.ExecuteResponse{Output: all[0]}
}

// exit ends the process, perhaps after it has begun work that continues without it.
func exit(leave bool, status plugin.Status) error {
	if leave {
		status.Write([]byte("before "), false)
		if err := status.Started([]byte("work")); err != nil {
			return err
		}
	}
	os.Exit(3)
	return nil
}

// Adopt reports the handle that it was given, or loses the work.
func (kit) Adopt(ctx context.Context, r *plugin.ExecuteRequest, handle []byte, status plugin.Status) (*plugin.ExecuteResponse, error) {
	if r.Config["do"] == "leave" {
		status.Write(fmt.Appendf(nil, "%s after %d bytes", handle, r.Reported), false)
		if r.Config["until"] == "stop" {
			<-ctx.Done()
			return &plugin.ExecuteResponse{Error: context.Cause(ctx).Error()}, nil
		}
		return &plugin.ExecuteResponse{}, nil
	}
	if r.Config["do"] == "lose" {
		return &plugin.ExecuteResponse{Output: []byte("some")}, plugin.ErrUnknownOutcome
	}
	return &plugin.ExecuteResponse{Output: append([]byte("followed "), handle...)}, nil
}

// Close leaves a file if the environment names one.
func (kit) Close() {
	if path := os.Getenv("CLOSED_NOTE"); path != "" {
		note(path, "closed")
	}
}

func (kit) Describe() json.RawMessage {
	return plugin.Schema{Description: "Does what it says.", Properties: []plugin.Property{{Name: "do", Title: "Task", Description: "What it does.", Required: true}}}.JSON()
}

func (kit) Check(config map[string]string) []plugin.Problem {
	switch config["do"] {
	case "check exit":
		os.Exit(3)
	case "check hang":
		select {}
	}
	if config["do"] == "" {
		return []plugin.Problem{{Key: "do", Text: "is missing", Severity: plugin.Hopeless}}
	}
	return nil
}

func nap(ctx context.Context) *plugin.ExecuteResponse {
	select {
	case <-time.After(600 * time.Millisecond):
		return &plugin.ExecuteResponse{}
	case <-ctx.Done():
		return &plugin.ExecuteResponse{Error: "woken too early"}
	}
}
