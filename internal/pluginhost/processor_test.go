//go:build unix

package pluginhost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dkron/internal/plugins"
	"dkron/plugin"
)

// mover is a processor of our kit that does what the job says.
type mover struct{}

func (mover) Describe() json.RawMessage {
	return plugin.Schema{Description: "Moves outputs.", Properties: []plugin.Property{
		plugin.ForwardProperty(), {Name: "do", Title: "Task", Description: "What it does."},
	}}.JSON()
}

func (mover) Close() { kit{}.Close() }

func (mover) Check(config map[string]string) []plugin.Problem { return plugin.CheckForward(config) }

func (mover) Process(ctx context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	switch r.Config["do"] {
	case "say":
		text := fmt.Sprintf("%s %s %s %d %d %s %s %s %s %v %s %q by %s: %s", r.JobName, r.LaunchID, r.ExecutionID, r.Group, r.Attempt, r.NodeName,
			r.ScheduledAt.Format(time.RFC3339), r.StartedAt.Format(time.RFC3339Nano), r.FinishedAt.Format(time.RFC3339Nano), r.Success, r.Outcome, r.Error,
			r.Config[plugin.ReportingNode], r.Output)
		return &plugin.ProcessResponse{Output: []byte(text)}, nil
	case "empty":
		return &plugin.ProcessResponse{Output: []byte{}}, nil
	case "fail":
		return nil, errors.New("the disk is full")
	case "refuse":
		return nil, fmt.Errorf("no such disk: %w", plugin.ErrUndeliverable)
	case "panic":
		panic("oh no")
	case "exit":
		os.Exit(3)
	case "until":
		<-ctx.Done()
		return nil, fmt.Errorf("it had %v", context.Cause(ctx))
	case "hang":
		if path := r.Config["note"]; path != "" {
			note(path, fmt.Sprint(os.Getpid()))
		}
		select {}
	case "meet": // one that waits for the other
		note(r.Config["note"], "here")
		for {
			if _, err := os.Stat(r.Config["other"]); err == nil {
				return nil, nil
			}
			time.Sleep(time.Millisecond)
		}
	}
	return r.Replace("moved"), nil
}

func result(do string, more ...string) *plugin.ProcessRequest {
	config := map[string]string{"do": do}
	for i := 0; i < len(more); i += 2 {
		config[more[i]] = more[i+1]
	}
	at := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	return &plugin.ProcessRequest{
		JobName: "mail", Config: config, ReportingNode: "s1", LaunchID: "mail.5", ExecutionID: "5-web-1", Group: 5, Attempt: 2, NodeName: "web-1",
		ScheduledAt: at, StartedAt: at.Add(time.Millisecond), FinishedAt: at.Add(time.Second),
		Outcome: "timed_out", Error: "it took too long", Output: []byte("sent\n"),
	}
}

func TestBothKindsOfProcessorsGetResults(t *testing.T) {
	h := hosted(t, "dkron-processor-kit", "dkron-processor-old")
	unchanged := new(plugin.ProcessResponse)
	replaced := func(text string) *plugin.ProcessResponse { return &plugin.ProcessResponse{Output: []byte(text)} }
	for _, tt := range []struct {
		plugin, do string
		want       *plugin.ProcessResponse
		err        string
	}{
		{"kit", "say", replaced("mail mail.5 5-web-1 5 2 web-1 2026-11-29T03:00:00Z 2026-11-29T03:00:00.001Z 2026-11-29T03:00:01Z false timed_out \"it took too long\" by s1: sent\n"), ""},
		{"kit", "move", replaced("moved"), ""},
		{"kit", "empty", replaced(""), ""},
		{"kit", "fail", nil, "the disk is full"},
		{"kit", "refuse", nil, "no such disk: no later attempt can succeed"},
		{"kit", "panic", nil, "the processor panicked: oh no"},
		{"old", "say", replaced("mail false web-1 5 2 1795921200.1000000 1795921201.0 by s1: sent\n"), ""},
		{"old", "nothing", unchanged, ""},
		{"old", "empty", replaced(""), ""},
		{"old", "error", nil, "plugin old: no such thing"},
	} {
		resp, err := h.Processors()[tt.plugin].Process(t.Context(), result(tt.do))
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.err)) {
			t.Errorf("%s %s: error %v, want %q", tt.plugin, tt.do, err, tt.err)
		}
		if errors.Is(err, plugin.ErrUndeliverable) != (tt.do == "refuse") {
			t.Errorf("%s %s: undeliverable: %v", tt.plugin, tt.do, err)
		}
		if diff := cmp.Diff(tt.want, resp); diff != "" {
			t.Errorf("%s %s: %s", tt.plugin, tt.do, diff)
		}
	}
	if resp, err := h.Processors()["kit"].Process(t.Context(), result("move", "forward", "true")); err != nil || resp.Output != nil {
		t.Errorf("%+v, %v", resp, err)
	}
	for _, p := range h.Plugins() {
		if p.Kind != "processor" || p.State != plugins.Running || p.Restarts != 0 || p.Executions != 0 {
			t.Errorf("%+v", p)
		}
	}
	if len(h.Executors()) != 0 {
		t.Error("a processor is an executor")
	}
}

func TestAProcessorOfOurKitIsAPluginForV4(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dkron-processor-kit")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	client, end, err := v4Hosted(path)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	given := V4Execution{JobName: "mail", Success: true, Output: []byte("sent\n"), NodeName: "web-1", Group: 5, Attempt: 1, StartedAt: &V4Time{1795921200, 7}, FinishedAt: &V4Time{1795921201, 0}}
	for do, want := range map[string]string{
		"move": "moved", "fail": "sent\n", "panic": "sent\n", "empty": "",
		"say": "mail  1795921200000000007-web-1 5 1 web-1 0001-01-01T00:00:00Z 2026-11-29T03:00:00.000000007Z 2026-11-29T03:00:01Z true success \"\" by s1: sent\n",
	} {
		execution, got := given, new(V4Execution)
		if err := client.Call("Plugin.Process", &V4Args{&execution, map[string]string{"do": do, "reporting_node": "s1"}}, got); err != nil {
			t.Errorf("%s: an error, at which v4 ends: %v", do, err)
		}
		expected := given
		if expected.Output = []byte(want); want == "" {
			expected.Output = nil
		}
		if diff := cmp.Diff(&expected, got); diff != "" {
			t.Errorf("%s: %s", do, diff)
		}
	}
}

func TestAProcessorOfV4GetsOneResultAtATimeAndOthersMany(t *testing.T) {
	h := hosted(t, "dkron-processor-kit", "dkron-processor-old")
	var running sync.WaitGroup
	for n := range 20 {
		running.Go(func() {
			tag := fmt.Sprint(n)
			resp, err := h.Processors()["old"].Process(t.Context(), result("tag", "tag", tag))
			if err != nil || string(resp.Output) != tag {
				t.Errorf("of job %s: %+v, %v", tag, resp, err)
			}
		})
	}
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		running.Go(func() {
			if _, err := h.Processors()["kit"].Process(t.Context(), result("meet", "note", pair[0], "other", pair[1])); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
}

func TestAProcessorThatDiesFailsOneCallAndIsStartedAgain(t *testing.T) {
	h := hosted(t, "dkron-processor-kit", "dkron-processor-old")
	for name, p := range h.Processors() {
		_, err := p.Process(t.Context(), result("exit"))
		if err == nil || !strings.Contains(err.Error(), "plugin "+name+": its process ended (exit status 3)") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := p.Process(t.Context(), result("move")); err != nil {
			t.Errorf("%s: the next call: %v", name, err)
		}
	}
}

func TestAProcessorThatHangsIsGivenUpAndOthersGoOn(t *testing.T) {
	for _, name := range []string{"kit", "old"} {
		t.Run(name, func(t *testing.T) {
			h := hosted(t, "dkron-processor-"+name)
			p := h.Processors()[name]
			path := filepath.Join(t.TempDir(), "note")
			hung := make(chan error, 1)
			if _, err := p.Process(t.Context(), result("move")); err != nil { // starts it, however long that takes
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			go func() {
				_, err := p.Process(ctx, result("hang", "note", path))
				hung <- err
			}()
			eventually(t, "it hangs", func() bool { _, err := os.Stat(path); return err == nil })
			// Of v4 this one waits for its turn, and then gets the fresh process.
			if _, err := p.Process(t.Context(), result("move")); err != nil {
				t.Errorf("another job: %v", err)
			}
			if err := <-hung; err == nil || !strings.Contains(err.Error(), "did not answer, and gets a fresh process") {
				t.Errorf("%v", err)
			}
			data, _ := os.ReadFile(path)
			var pid, child int
			_, _ = fmt.Sscan(string(data), &pid, &child)
			eventually(t, "the end of the process that hangs", func() bool { return pid != 0 && !alive(pid) && (child == 0 || !alive(child)) })
			if _, err := p.Process(t.Context(), result("move")); err != nil {
				t.Error(err)
			}
			if s := h.one(t); s.PID == uint64(pid) || s.Retired != 0 || s.Executions != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestAProcessorOfOurKitHearsHowLongItHas(t *testing.T) {
	h := hosted(t, "dkron-processor-kit")
	p := h.Processors()["kit"]
	if _, err := p.Process(t.Context(), result("move")); err != nil { // starts it, however long that takes
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := p.Process(ctx, result("until"))
	if err == nil || err.Error() != "it had context deadline exceeded" {
		t.Errorf("%v", err)
	}
	if s := h.one(t); s.Retired != 0 || s.Restarts != 0 || s.State != plugins.Running {
		t.Errorf("%+v", s)
	}
}

func TestACallThatNobodyWaitsForKeepsItsTurn(t *testing.T) {
	h := hosted(t, "dkron-processor-old")
	p := h.Processors()["old"]
	path := filepath.Join(t.TempDir(), "note")
	ctx, resign := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := p.Process(ctx, result("wait", "note", path))
		left <- err
	}()
	eventually(t, "it works", func() bool { _, err := os.Stat(path); return err == nil })
	before := h.one(t)
	resign()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	next := make(chan error, 1)
	go func() {
		_, err := p.Process(t.Context(), result("move"))
		next <- err
	}()
	eventually(t, "the next one waits", func() bool { return h.one(t).Executions == 2 })
	select {
	case err := <-next:
		t.Fatalf("two at once: %v", err)
	default:
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := <-next; err != nil {
		t.Error(err)
	}
	if after := h.one(t); after.PID != before.PID || after.Retired != 0 {
		t.Errorf("%+v, before %+v", after, before)
	}
}

func TestAnAnswerWithoutEndTakesBoundedMemory(t *testing.T) {
	h := hosted(t, "dkron-processor-old")
	p := h.Processors()["old"]
	if _, err := p.Process(t.Context(), result("nothing")); err != nil {
		t.Fatal(err)
	}
	h.plugins[0].current.link.conn.ahead.Add(maxAnswer - 1<<20) // a busy machine would take long for the whole
	before := time.Now()
	_, err := p.Process(t.Context(), result("large"))
	if !errors.Is(err, errTooLong) {
		t.Errorf("%v", err)
	}
	if took := time.Since(before); took > deathLimit {
		t.Errorf("it took %s: the end of a process that lives was waited for", took)
	}
	if resp, err := p.Process(t.Context(), result("nothing")); err != nil || resp.Output != nil {
		t.Errorf("the next one: %+v, %v", resp, err)
	}
}

func TestAProcessorThatAnswersWithGarbageFailsAlone(t *testing.T) {
	h := hosted(t, "dkron-processor-garbage", "dkron-processor-crash", "dkron-processor-kit")
	for _, name := range []string{"garbage", "crash"} {
		_, err := h.Processors()[name].Process(t.Context(), result("move"))
		if err == nil || !strings.HasPrefix(err.Error(), "plugin "+name+" failed to start: ") || len(err.Error()) > 500 {
			t.Errorf("%s: %v", name, err)
		}
		t.Log(err)
	}
	if _, err := h.Processors()["kit"].Process(t.Context(), result("move")); err != nil {
		t.Error(err)
	}
}

// text is what a plugin has printed.
type text struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (p *text) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.data.Write(b)
}

func (p *text) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.data.String()
}

func TestWhatAProcessorPrintsGoesToTheAgentsOutput(t *testing.T) {
	h := hosted(t, "dkron-processor-old")
	out, errs := new(text), new(text)
	h.cfg.Stdout, h.cfg.Stderr = out, errs
	if _, err := h.Processors()["old"].Process(t.Context(), result("print")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its output", func() bool { return out.String() == "printed: sent\n" && errs.String() == "complained: sent\n" })
}

func TestProcessorsDescribeThemselvesAndBuiltInNamesWin(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dkron-processor-kit", "dkron-processor-old", "dkron-processor-log", "dkron-executor-kit"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	l := new(learned)
	var found []string
	h := New(Config{
		Dirs: []string{dir}, Builtin: []string{"shell"}, Processors: []string{"log"}, Guard: true, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Found: func(kind Kind, name string) { found = append(found, string(kind)+" "+name) },
		Learn: func(kind Kind, name string, d Description) { l.learn(kind, string(kind)+" "+name, d) },
	})
	t.Cleanup(h.Close)
	if got := fmt.Sprint(found); got != "[executor kit processor kit processor old]" {
		t.Error(got)
	}
	eventually(t, "the last one is known", func() bool { _, ok := l.of("processor old"); return ok })
	if d, _ := l.of("processor old"); d.Schema != nil || d.Check != nil {
		t.Errorf("old: %+v", d)
	}
	d, _ := l.of("processor kit")
	if !strings.Contains(string(d.Schema), "Moves outputs.") {
		t.Errorf("%s", d.Schema)
	}
	if got := d.Check(map[string]string{"forward": "si"}); len(got) != 1 || got[0].Key != "forward" {
		t.Errorf("%+v", got)
	}
	var log plugins.Plugin
	for _, p := range h.Plugins() {
		if p.Kind == "processor" && p.Name == "log" {
			log = p
		}
	}
	if log.State != plugins.Refused || log.Reason != "a processor of this name is built in: give the file another name" {
		t.Errorf("%+v", log)
	}
}

func TestATrialFindsWhatAProcessorDoesWrong(t *testing.T) {
	do := func(what string) map[string]string { return map[string]string{"do": what} }
	for _, tt := range []struct {
		plugin string
		config map[string]string
		passes bool
		want   map[string]string
	}{
		{"dkron-processor-kit", do("move"), true, map[string]string{
			"name": "passed jobs use it as the processor kit", "protocol": "passed ours; the plugin's version is 1.2.3", "description": "passed", "check": "passed",
			"configuration": "passed", "nonsense": "passed", "result": "passed a result took", "again": "passed", "failure": "passed", "empty": "passed",
			"large": "passed 256000 bytes of output took", "parallel": "passed 3 results at once", "death": "passed killed in the middle", "end": "passed it ends when",
		}},
		{"dkron-processor-kit", do("exit"), false, map[string]string{"nonsense": "passed", "result": "failed a result: plugin kit: its process ended (exit status 3)"}},
		{"dkron-processor-kit", do("hang"), false, map[string]string{"result": "failed a result: plugin kit"}},
		{"dkron-processor-old", do("nothing"), true, map[string]string{
			"protocol": "passed that of Dkron v4: it gets one result", "description": "skipped", "check": "skipped", "result": "passed", "large": "passed", "parallel": "passed", "death": "passed",
		}},
		{"dkron-processor-kit", nil, true, map[string]string{"nonsense": "passed", "result": "skipped give a configuration"}},
		{"dkron-processor-crash", nil, false, map[string]string{"handshake": "failed plugin crash failed to start"}},
		{"dkron-processor-garbage", nil, false, map[string]string{"handshake": "failed plugin garbage failed to start"}},
	} {
		t.Run(tt.plugin+" "+tt.config["do"], func(t *testing.T) {
			found, passed := tried(t, tt.plugin, tt.config)
			if passed != tt.passes {
				t.Errorf("passed %v", passed)
			}
			for check, want := range tt.want {
				if f := found[check]; !strings.HasPrefix(string(f.Result)+" "+f.Text, want) {
					t.Errorf("%s: %s %q, want %q", check, f.Result, f.Text, want)
				}
			}
		})
	}
}

func TestAPluginEndsWhatItHasToEndWithItsProcess(t *testing.T) {
	for _, kind := range []string{"executor", "processor"} {
		path := filepath.Join(t.TempDir(), "closed")
		t.Setenv("CLOSED_NOTE", path)
		h := hosted(t, "dkron-"+kind+"-kit")
		var err error
		if kind == "executor" {
			_, err = h.FindExecutor("kit").Execute(t.Context(), request("echo"), new(report))
		} else {
			_, err = h.FindProcessor("kit").Process(t.Context(), result("move"))
		}
		if err != nil {
			t.Fatal(err)
		}
		h.Close()
		if data, err := os.ReadFile(path); string(data) != "closed" {
			t.Errorf("%s: %q, %v", kind, data, err)
		}
	}
}
