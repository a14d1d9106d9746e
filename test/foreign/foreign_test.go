//go:build unix

package foreign

import (
	"context"
	"encoding/hex"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dkron/internal/pluginhost"
	"dkron/plugin"
)

// needsNode skips a test on a machine without Node, but not where all tests must run.
func needsNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("Node is missing")
	}
	t.Skip("this needs Node; on Debian: apt-get install nodejs")
}

// recording returns the lines of a recording without comments, and without the spaces between bytes.
func recording(t *testing.T) (lines []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/exchange.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		who, rest, _ := strings.Cut(line, " ")
		what, bytes, _ := strings.Cut(rest, " ")
		lines = append(lines, who+" "+what+" "+strings.ReplaceAll(bytes, " ", ""))
	}
	return lines
}

func TestAPluginOfOurKitSpeaksTheBytesOfThePages(t *testing.T) {
	needsNode(t)
	binary := filepath.Join(t.TempDir(), "dkron-executor-hello")
	if out, err := exec.Command("go", "build", "-o", binary, "dkron/plugin/example/dkron-executor-hello").CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, out)
	}
	var said []string
	for _, config := range [][]string{{"name=world", "pause=10ms"}, {"name=world", "pause=often"}} {
		cmd := exec.CommandContext(t.Context(), "node", append([]string{"host.js", binary, "greet"}, config...)...)
		cmd.Stderr = t.Output()
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("the host: %v\n%s", err, out)
		}
		said = append(said, strings.Split(strings.TrimSpace(string(out)), "\n")...)
	}
	if diff := cmp.Diff(recording(t), said); diff != "" {
		t.Errorf("recorded (-), said (+):\n%s", diff)
	}
}

// reported is what a plugin reports.
type reported struct {
	mu            sync.Mutex
	output, error string
}

func (r *reported) Write(chunk []byte, isError bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.output += string(chunk)
	if isError {
		r.error += string(chunk)
	}
}

func (*reported) Started([]byte) error { return nil }

func TestAPluginOfThePagesRunsUnderOurHost(t *testing.T) {
	needsNode(t)
	dir := t.TempDir()
	file, err := filepath.Abs("dkron-executor-node")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, filepath.Join(dir, "dkron-executor-node")); err != nil {
		t.Fatal(err)
	}
	host := pluginhost.New(pluginhost.Config{Dirs: []string{dir}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(host.Close)
	for _, tt := range []struct {
		config              map[string]string
		output, error, fail string
	}{
		{map[string]string{"name": "world"}, "Hello, world, from the job greet!\n", "from the job greet!\n", ""},
		{nil, "", "", "name is missing: say who is greeted"},
		// job_name = 1, config = 2, status_server = 3; what v4 lacks comes from 16 on: execution, launch, group, attempt, node.
		{map[string]string{"do": "bytes"}, hex.EncodeToString([]byte("\x0a\x05greet\x12\x0b\x0a\x02do\x12\x05bytes\x18\x03" +
			"\x82\x01\x071-web-1\x8a\x01\x07greet.1\x90\x01\x01\x98\x01\x01\xa2\x01\x05web-1")), "", ""},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		got := new(reported)
		resp, err := host.Executors()["node"].Execute(ctx, &plugin.ExecuteRequest{
			JobName: "greet", Config: tt.config, ExecutionID: "1-web-1", LaunchID: "greet.1", Group: 1, Attempt: 1, NodeName: "web-1",
		}, got)
		cancel()
		if err != nil || resp.Error != tt.fail || got.output != tt.output || got.error != tt.error {
			t.Errorf("%v: %+v, %v, output %q, of it errors %q; want %q, %q, failure %q", tt.config, resp, err, got.output, got.error, tt.output, tt.error, tt.fail)
		}
	}
}
