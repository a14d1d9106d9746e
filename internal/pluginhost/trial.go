package pluginhost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

// Trial starts a plugin as an agent would, and checks whether it follows the protocol.
type Trial struct {
	Path   string
	Config map[string]string // of an execution, or of a processor, that succeeds; nil: it is not tried
	Job    string            // that the execution is of
	// Limit is how long that execution may take. A processor has the time that servers give it, if that is shorter.
	Limit time.Duration
	// Parallel is how many of it run at once.
	Parallel int
	Guard    bool // as in Config
	Grace    time.Duration
	Logger   *slog.Logger
	// Report is called with each finding when it is known.
	Report func(Finding)

	kind   Kind
	host   *Host
	plugin *supervised
	about  *pluginwire.Description // nil: it was made for v4
	failed bool
	killed uint64 // processes, as a part of the trial
}

// Result is the result of a check.
type Result string

// The results. Only failed makes a plugin fail.
const (
	Passed  Result = "passed"
	Failed  Result = "failed"
	Warned  Result = "warning"
	Skipped Result = "skipped"
)

// Finding is the result of a check.
type Finding struct {
	Check  string `json:"check"`
	Result Result `json:"result"`
	Text   string `json:"text,omitempty"` // what was seen; of a failure also what to do
}

// Limits of what a plugin does without work.
const (
	quickly   = 5 * time.Second
	stopAfter = 500 * time.Millisecond
)

// Run tries the plugin, and reports whether it passed.
func (t *Trial) Run(ctx context.Context) (passed bool) {
	t.checkFile()
	if !t.failed {
		t.checkByHand(ctx)
		t.begin()
		defer t.host.Close()
		if t.checkStart(ctx) {
			t.checkDescription()
			t.checkChecks(ctx)
			if t.kind == Processor {
				t.checkProcessor(ctx)
			} else {
				t.checkExecutor(ctx)
			}
			t.checkEnd()
		}
	}
	return !t.failed
}

func (t *Trial) find(check string, r Result, format string, args ...any) {
	t.failed = t.failed || r == Failed
	t.Report(Finding{check, r, strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf(format, args...)), "\n", "; ")})
}

// checkFile looks at the file's name and rights.
func (t *Trial) checkFile() {
	if _, err := exec.LookPath(t.Path); err != nil {
		t.find("file", Failed, "it can't be started: %v", err)
		return
	}
	kind, name, ok := parse(filepath.Base(t.Path))
	switch {
	case !ok:
		t.find("name", Warned, "an agent finds only files named dkron-executor-NAME or dkron-processor-NAME: rename it")
	case kind == Processor:
		t.find("name", Passed, "jobs use it as the processor %s", name)
	default:
		t.find("name", Passed, "jobs use it as the executor %s", name)
	}
	if err := trust(t.Path); err != nil {
		t.find("trust", Warned, "an agent does not start it from where it is now: %v", err)
		return
	}
	t.find("trust", Passed, "nobody else can replace it")
}

// checkByHand starts it as a person would.
func (t *Trial) checkByHand(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, quickly)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.Path)
	cmd.WaitDelay = time.Second
	var says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &says, &says
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		t.find("by hand", Warned, "started by hand, without the variable %s, it keeps running: end with exit code 1 and say that an agent starts it", pluginwire.CookieKey)
	case errors.As(err, &exit) && says.Len() > 0:
		t.find("by hand", Passed, "started by hand it says so and ends with %v", exit)
	case errors.As(err, &exit):
		t.find("by hand", Warned, "started by hand it ends with %v, but does not say that an agent starts it", exit)
	default:
		t.find("by hand", Warned, "started by hand, without the variable %s, it ends with exit code 0: make it 1", pluginwire.CookieKey)
	}
}

func (t *Trial) begin() {
	t.host = &Host{cfg: Config{Logger: t.Logger, Guard: t.Guard, Grace: t.Grace, Stdout: io.Discard, Stderr: io.Discard}, quit: make(chan struct{})}
	kind, name, ok := parse(filepath.Base(t.Path))
	if !ok {
		kind, name = Executor, filepath.Base(t.Path)
	}
	t.kind = kind
	path, err := filepath.Abs(t.Path)
	if err != nil {
		path = t.Path
	}
	t.plugin = &supervised{host: t.host, file: file{kind: kind, name: name, path: path}, log: t.Logger, retired: make(map[*instance]struct{})}
	t.host.plugins = []*supervised{t.plugin}
}

// checkStart starts it, and reports whether it can be called.
func (t *Trial) checkStart(ctx context.Context) bool {
	began := time.Now()
	i, err := t.plugin.acquire(ctx)
	if err != nil {
		protocol := "grpc"
		if t.kind == Processor {
			protocol = "netrpc"
		}
		t.find("handshake", Failed, "%v. It must print one line on standard output, 1|1|unix|SOCKET|%s|, and listen there; -v shows what it writes to standard error", err, protocol)
		return false
	}
	defer t.plugin.release(i)
	t.about = i.about
	t.find("handshake", Passed, "it can be called %s after its start", plugin.InWords(time.Since(began)))
	switch {
	case t.about == nil && t.kind == Processor:
		t.find("protocol", Passed, "that of Dkron v4: it gets one result at a time and describes nothing")
	case t.about == nil:
		t.find("protocol", Passed, "that of Dkron v4: it gets no stop requests and describes nothing")
	case t.about.Version == "":
		t.find("protocol", Warned, "ours, but it reports no version: set Options.Version")
	default:
		t.find("protocol", Passed, "ours; the plugin's version is %s", t.about.Version)
	}
	return true
}

func (t *Trial) checkDescription() {
	switch {
	case t.about == nil:
		t.find("description", Skipped, "v4 has none: the page offers plain keys and values")
	case len(t.about.Schema) == 0:
		t.find("description", Warned, "there is none: implement plugin.Describer, and the page has a form, and misspelled keys are found")
	default:
		if wrong := faults(t.about.Schema); len(wrong) > 0 {
			t.find("description", Failed, "%s", strings.Join(wrong, "; "))
			return
		}
		t.find("description", Passed, "each key has a title and a sentence")
	}
}

// nonsense is a configuration that must not break a plugin.
type nonsense struct {
	what   string
	config map[string]string
}

func (t *Trial) nonsense() []nonsense {
	all := []nonsense{
		{"an empty configuration", map[string]string{}},
		{"unknown keys", map[string]string{"no such key": "\x00☃\n{\"", strings.Repeat("k", 300): ""}},
	}
	var d description
	if t.about == nil || json.Unmarshal(t.about.Schema, &d) != nil || len(d.Properties) == 0 {
		return all
	}
	odd := make(map[string]string)
	for key := range d.Properties {
		odd[key] = "\x01 {[ no such value ]}"
	}
	return append(all, nonsense{"values that mean nothing", odd})
}

// checkChecks asks for the problems of configurations.
func (t *Trial) checkChecks(ctx context.Context) {
	if t.about == nil || !t.about.Checks {
		t.find("check", Skipped, "it finds no mistakes before a job is stored: implement plugin.Checker with our kit")
		return
	}
	found, slowest := 0, time.Duration(0)
	for _, n := range t.nonsense() {
		problems, took, err := t.problems(ctx, n.config)
		if err != nil {
			t.find("check", Failed, "the check of %s: %v", n.what, err)
			return
		}
		found, slowest = found+len(problems), max(slowest, took)
	}
	if slowest > checkLimit {
		t.find("check", Failed, "a check took %s: servers wait at most %s. It must not ask other machines", plugin.InWords(slowest), plugin.InWords(checkLimit))
		return
	}
	t.find("check", Passed, "it found %d problems in nonsense, in %s at most", found, plugin.InWords(slowest))
	if t.Config == nil {
		return
	}
	problems, _, err := t.problems(ctx, t.Config)
	for _, p := range problems {
		if p.Severity >= int(plugin.Hopeless) {
			t.find("configuration", Failed, "%s %s: a job with it is refused", p.Key, p.Text)
			return
		}
		t.find("configuration", Warned, "%s %s", p.Key, p.Text)
	}
	if err == nil && len(problems) == 0 {
		t.find("configuration", Passed, "the plugin has no objection to the one that was given")
	}
}

func (t *Trial) problems(ctx context.Context, config map[string]string) ([]pluginwire.Problem, time.Duration, error) {
	i, err := t.plugin.acquire(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer t.plugin.release(i)
	ctx, cancel := context.WithTimeout(ctx, 2*checkLimit)
	defer cancel()
	began, out := time.Now(), new(pluginwire.Problems)
	err = i.ask(ctx, pluginwire.Check, &pluginwire.Configuration{Config: config}, out)
	if err != nil {
		err = i.explain(err)
	}
	return out.Problems, time.Since(began), err
}

// checkEnd asks it to end.
func (t *Trial) checkEnd() {
	t.plugin.mu.Lock()
	i, starts := t.plugin.current, t.plugin.starts-t.killed
	t.plugin.mu.Unlock()
	if starts > 1 {
		t.find("process", Warned, "%d processes were needed: jobs of one would have failed with those of another", starts)
	}
	if i == nil || i.process.ended() {
		t.find("end", Skipped, "its process had ended before")
		return
	}
	t.host.Close()
	if how := i.process.gone(); strings.HasPrefix(how, "exit status") {
		t.find("end", Passed, "it ends when the agent asks (%s)", how)
	} else {
		t.find("end", Warned, "it had to be killed (%s): end within 2 s after the call Shutdown", how)
	}
}
