package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dkron/plugin"
)

// This program is also a plugin, if it is started by this name. Its executor does what http does with these jobs, so that the
// difference is what a plugin costs.
const (
	pluginName = "load"
	pluginFile = "dkron-executor-" + pluginName
)

type caller struct{}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2048}}

func (caller) Execute(ctx context.Context, r *plugin.ExecuteRequest, status plugin.Status) (*plugin.ExecuteResponse, error) {
	req, err := http.NewRequestWithContext(ctx, r.Config["method"], r.Config["url"], nil)
	if err != nil {
		return nil, err
	}
	// By these headers, as http sends them, the sink knows a run.
	req.Header.Set("X-Dkron-Launch-Id", r.LaunchID)
	req.Header.Set("X-Dkron-Execution-Id", r.ExecutionID)
	req.Header.Set("X-Dkron-Scheduled-At", r.ScheduledAt.Format(time.RFC3339Nano))
	resp, err := client.Do(req)
	if err != nil {
		return &plugin.ExecuteResponse{Error: err.Error()}, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return &plugin.ExecuteResponse{Error: err.Error()}, nil
	}
	if len(body) > 0 {
		status.Write(body, false)
	}
	if strconv.Itoa(resp.StatusCode) != r.Config["expectCode"] {
		return &plugin.ExecuteResponse{Error: resp.Status}, nil
	}
	return &plugin.ExecuteResponse{}, nil
}

// withPlugin makes this program a plugin of a server, and returns the path of that server's configuration.
func withPlugin(dir string) (config string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(filepath.Join(dir, "plugins"), 0o755); err != nil {
		return "", err
	}
	if err := os.Symlink(self, filepath.Join(dir, "plugins", pluginFile)); err != nil {
		return "", err
	}
	config = filepath.Join(dir, "dkron.yml")
	return config, os.WriteFile(config, []byte("{}\n"), 0o600)
}

// pluginProcess returns the process of the plugin below a folder, 0 if there is none.
func pluginProcess(dir string) int {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, line := range lines {
		data, err := os.ReadFile(line)
		if dir != "" && err == nil && strings.HasPrefix(string(data), filepath.Join(dir, "plugins", pluginFile)) { // not its guard
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(line)))
			return pid
		}
	}
	return 0
}
