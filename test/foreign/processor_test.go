//go:build unix

package foreign

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goplugin "github.com/hashicorp/go-plugin"
)

var update = flag.Bool("update", false, "write the recording of the exchange with a processor")

// What a host of the pages knows of a processor: names of fields.
type (
	processorArgs struct {
		Execution *execution
		Config    map[string]string
	}
	execution struct {
		JobName    string
		Success    bool
		Output     []byte
		NodeName   string
		Group      int64
		Attempt    uint32
		StartedAt  *timestamp
		FinishedAt *timestamp
	}
	timestamp struct {
		Seconds int64
		Nanos   int32
	}
)

// dispensed is what such a host calls a processor with.
type dispensed struct{}

func (dispensed) Server(*goplugin.MuxBroker) (any, error)                  { return nil, nil }
func (dispensed) Client(_ *goplugin.MuxBroker, c *rpc.Client) (any, error) { return c, nil }

// tapped keeps what both sides say.
type tapped struct {
	net.Conn
	mu         sync.Mutex // guards what follows
	sent, came []byte
}

func (t *tapped) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.came = append(t.came, p[:n]...)
	return n, err
}

func (t *tapped) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := t.Conn.Write(p)
	t.sent = append(t.sent, p[:n]...)
	return n, err
}

// said returns the data of a stream in a direction: frames of yamux have a version, a type, two bytes of flags, and the
// numbers of the stream and of the bytes that follow. Type 0 is data.
func said(frames []byte, stream uint32) (data []byte) {
	for len(frames) >= 12 {
		kind, of, size := frames[1], binary.BigEndian.Uint32(frames[4:]), binary.BigEndian.Uint32(frames[8:])
		frames = frames[12:]
		if kind != 0 {
			continue
		}
		if of == stream {
			data = append(data, frames[:size]...)
		}
		frames = frames[size:]
	}
	return data
}

// messages splits a stream of gob: each message comes after its length.
func messages(data []byte) (all [][]byte) {
	for len(data) > 0 {
		size, head := int(data[0]), 1
		if size >= 128 { // the number of bytes of the length, negated
			head = 1 + 256 - size
			size = 0
			for _, b := range data[1:head] {
				size = size<<8 | int(b)
			}
		}
		all = append(all, data[:head+size])
		data = data[head+size:]
	}
	return all
}

// transcript is the exchange as it is recorded: the bytes of each message, after a comment with what is readable in it.
func transcript(t *tapped) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out strings.Builder
	say := func(who, what string, message []byte) {
		readable := strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return '.'
			}
			return r
		}, string(message))
		fmt.Fprintf(&out, "# %s\n%s %s %x\n", readable, who, what, message)
	}
	const control, calls = 1, 7 // streams 3 and 5 are what the plugin prints
	for _, m := range messages(said(t.sent, control)) {
		say("host", "control", m)
	}
	for _, m := range messages(said(t.came, control)) {
		say("plugin", "control", m)
	}
	sent, came := said(t.sent, calls), said(t.came, calls)
	say("host", "stream", sent[:4]) // the number that Dispense returned, and the same as the answer
	say("plugin", "stream", came[:4])
	for _, m := range messages(sent[4:]) {
		say("host", "process", m)
	}
	for _, m := range messages(came[4:]) {
		say("plugin", "process", m)
	}
	return out.String()
}

func TestAProcessorOfOurKitSpeaksTheBytesOfARecording(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "dkron-processor-note")
	if out, err := exec.Command("go", "build", "-o", binary, "dkron/plugin/example/dkron-processor-note").CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, out)
	}
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "DKRON_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "b29a76488b6f3ca7955c5f769b50641f0fcd88748d8cedecda313d516320ca19",
		},
		Plugins: goplugin.PluginSet{"processor": dispensed{}}, Cmd: exec.Command(binary), AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolNetRPC},
	})
	defer client.Kill()
	addr, err := client.Start()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	tap := &tapped{Conn: conn}
	connected, err := goplugin.NewRPCClient(tap, goplugin.PluginSet{"processor": dispensed{}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := connected.Dispense("processor")
	if err != nil {
		t.Fatal(err)
	}
	// One key in each: gob writes several in any order.
	checkCall(t, raw.(*rpc.Client), map[string]string{"file": "/dev/null"}, "Noted in /dev/null")
	checkCall(t, raw.(*rpc.Client), map[string]string{"forward": "true"}, "done\n") // it has failed
	got := transcript(tap)
	const path = "testdata/processor.txt"
	if *update {
		head := "# What a host of the protocol's pages and a processor of our kit say to each other: gob, by net/rpc, in streams of yamux. Each\n# line is one message of gob. The first call replaces the output. The second fails: its answer has the output as it was given,\n# and the reason in a field that v4 does not know. Written by go test ./test/foreign -run Processor -update.\n\n"
		if err := os.WriteFile(path, []byte(head+got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	recorded, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutComments(string(recorded)), withoutComments(got)); diff != "" {
		t.Errorf("recorded (-), said (+):\n%s", diff)
	}
}

func checkCall(t *testing.T, calls *rpc.Client, config map[string]string, want string) {
	t.Helper()
	given := execution{
		JobName: "report", Success: true, Output: []byte("done\n"), NodeName: "web-1", Group: 5, Attempt: 1,
		StartedAt: &timestamp{1795921200, 1}, FinishedAt: &timestamp{Seconds: 1795921201},
	}
	copied, got := given, new(execution)
	select {
	case call := <-calls.Go("Plugin.Process", &processorArgs{&copied, config}, got, make(chan *rpc.Call, 1)).Done:
		if call.Error != nil {
			t.Fatal(call.Error)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no answer")
	}
	given.Output = []byte(want)
	if diff := cmp.Diff(&given, got); diff != "" {
		t.Errorf("%v: %s", config, diff)
	}
}

func withoutComments(text string) (lines []string) {
	for line := range bytes.Lines([]byte(text)) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			lines = append(lines, string(line))
		}
	}
	return lines
}
