//go:build linux

package shell_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"dkron/builtin/shell"
	"dkron/plugin"
)

func TestSuccessHasOutputAndExitCodeZero(t *testing.T) {
	r := execute(t, map[string]string{"command": `echo $HOME 'a  b'`})
	wantSuccess(t, r)
	if r.output != "$HOME a  b\n" {
		t.Fatalf("output %q", r.output)
	}
}

func TestExitStatusIsErrorAndExitCode(t *testing.T) {
	r := execute(t, script("echo out; exit 3"))
	if r.err != nil || r.Error != "exit status 3" || r.ExitCode == nil || *r.ExitCode != 3 || r.output != "out\n" {
		t.Fatalf("%+v %v %q", r.ExecuteResponse, r.err, r.output)
	}
}

func TestDeathBySignalHasNoExitCode(t *testing.T) {
	r := execute(t, script("kill -9 $$"))
	if r.Error != "signal: killed" || r.ExitCode != nil || r.TimedOut {
		t.Fatalf("%+v", r.ExecuteResponse)
	}
}

func TestOrderOfStdoutAndStderrIsPreserved(t *testing.T) {
	r := execute(t, script("for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done"))
	var want strings.Builder
	for _, c := range "123456789" {
		want.WriteString("o" + string(c) + "\ne" + string(c) + "\n")
	}
	if r.output != want.String() {
		t.Fatalf("output %q", r.output)
	}
}

func TestLargeOutputStreamsThroughCompletely(t *testing.T) {
	r := execute(t, script("head -c 3000000 /dev/zero | tr '\\0' x"))
	wantSuccess(t, r)
	if len(r.output) != 3000000 || strings.Trim(r.output, "x") != "" {
		t.Fatalf("%d bytes", len(r.output))
	}
}

func TestPayloadIsStandardInput(t *testing.T) {
	payload := bytes.Repeat([]byte("0123456789abcde\n"), 100_000)
	config := map[string]string{"command": "cat", "payload": base64.StdEncoding.EncodeToString(payload)}
	r := execute(t, config)
	wantSuccess(t, r)
	if r.output != string(payload) {
		t.Fatalf("%d bytes came back of %d", len(r.output), len(payload))
	}
}

func TestUnreadPayloadDoesNotDelayTheEnd(t *testing.T) {
	payload := base64.StdEncoding.EncodeToString(make([]byte, 2<<20))
	wantSuccess(t, execute(t, map[string]string{"command": "true", "payload": payload}))
}

func TestWithoutPayloadStandardInputIsEmpty(t *testing.T) {
	r := execute(t, map[string]string{"command": "cat"})
	wantSuccess(t, r)
	if r.output != "" {
		t.Fatalf("output %q", r.output)
	}
}

func TestEmptyScriptSucceeds(t *testing.T) {
	r := execute(t, script(""))
	wantSuccess(t, r)
	if r.output != "" {
		t.Fatalf("output %q", r.output)
	}
}

func TestConfigurationErrorsStartNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ran")
	dir := t.TempDir()
	missing := filepath.Join(dir, "nowhere")
	for name, test := range map[string]struct {
		config map[string]string
		want   string
	}{
		"no command":    {map[string]string{}, "shell: Command missing"},
		"blank command": {map[string]string{"command": " \t"}, "shell: Command missing"},
		"quotes":        {map[string]string{"command": `echo "a`}, "invalid command line string"},
		"operator":      {map[string]string{"command": "echo a ; echo b"}, `shell operator ";" in command, set shell=true`},
		"not found": {map[string]string{"command": "no-such-program x"},
			`exec: "no-such-program": executable file not found in $PATH`},
		"no file": {map[string]string{"command": "/no/such/bin"}, "fork/exec /no/such/bin: no such file or directory"},
		"payload": {script("touch "+file, "payload", "a*"), "illegal base64 data at input byte 1"},
		"timeout": {script("touch "+file, "timeout", "10"), `Error parsing job timeout value: want a duration such as 90s or 1h30m, not "10"`},
		"mem_limit": {script("touch "+file, "mem_limit", "1PB"),
			`Error parsing job memory limit value: unknown unit "PB"`},
		"kill_grace": {script("touch "+file, "kill_grace", "-1s"), `Error parsing job kill_grace value: want a duration such as 5s, 0s or more, not "-1s"`},
		"user":       {script("touch "+file, "su", "nosuchuser"), "user: unknown user nosuchuser"},
		"group":      {script("touch "+file, "su", "root:nosuchgroup"), "group: unknown group nosuchgroup"},
		"cwd":        {script("touch "+file, "cwd", missing), "working directory " + missing + ": no such directory"},
	} {
		t.Run(name, func(t *testing.T) {
			r := execute(t, test.config)
			if r.err == nil || r.err.Error() != test.want || r.ExecuteResponse != nil {
				t.Fatalf("error %v, want %s", r.err, test.want)
			}
		})
	}
	if _, err := os.Stat(file); err == nil {
		t.Fatal("a command ran in spite of its configuration")
	}
}

func TestWorkingDirectoryIsUsed(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := execute(t, map[string]string{"command": "/bin/pwd", "cwd": dir})
	if r.output != dir+"\n" {
		t.Fatalf("output %q", r.output)
	}
}

func environment(t *testing.T, opt shell.Options, env string) []string {
	t.Helper()
	r := executeWith(t, t.Context(), shell.New(opt), request(map[string]string{"command": "env", "env": env}))
	wantSuccess(t, r)
	return strings.Split(strings.TrimSuffix(r.output, "\n"), "\n")
}

func TestSecretsOfTheAgentAreNotInherited(t *testing.T) {
	t.Setenv("DKRON_ENCRYPT", "secret")
	t.Setenv("DKRON_MAIL_PASSWORD", "secret")
	t.Setenv("PLUGIN_MIN_PORT", "10000")
	t.Setenv("DKRON_REGION", "eu")
	t.Setenv("PLAIN", "yes")
	env := environment(t, shell.Options{PassEnv: []string{"DKRON_REGION"}}, "")
	for _, entry := range env {
		if strings.Contains(entry, "secret") || strings.HasPrefix(entry, "PLUGIN_") {
			t.Errorf("inherited %q", entry)
		}
	}
	for _, want := range []string{"DKRON_REGION=eu", "PLAIN=yes"} {
		if !slices.Contains(env, want) {
			t.Errorf("missing %q", want)
		}
	}
}

func TestEnvironmentTellsTheExecution(t *testing.T) {
	env := environment(t, shell.Options{}, "DKRON_ATTEMPT=9,ENV_JOB_NAME=forged")
	for _, want := range []string{
		"DKRON_LAUNCH_ID=launch-1", "DKRON_SCHEDULED_AT=2024-05-06T06:08:09.123456789Z",
		"DKRON_ATTEMPT=2", "DKRON_GROUP=42", "DKRON_NODE_NAME=node-a",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("missing %q", want)
		}
	}
	for _, name := range []string{"ENV_JOB_NAME=job-", "DKRON_JOB_NAME=job-", "DKRON_EXECUTION_ID=exec-"} {
		if !slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, name) }) {
			t.Errorf("missing %s…", name)
		}
	}
}

func TestEnvEntriesSplitOnCommasAndOverride(t *testing.T) {
	t.Setenv("OVER", "old")
	env := environment(t, shell.Options{}, `A=1, B=2 ,C=a\,b=c,OVER=new,A=3,,nothing`)
	for _, want := range []string{"A=3", "B=2 ", "C=a,b=c", "OVER=new"} {
		if !slices.Contains(env, want) {
			t.Errorf("missing %q", want)
		}
	}
	for _, not := range []string{"A=1", "OVER=old", "nothing"} {
		if slices.Contains(env, not) {
			t.Errorf("found %q", not)
		}
	}
}

func TestSUChangesUserAndGroupAndDropsThoseOfTheAgent(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	r := execute(t, script("id -un; id -gn; id -G | wc -w; echo by name > /dev/stderr", "su", "nobody:daemon"))
	wantSuccess(t, r)
	if r.output != "nobody\ndaemon\n1\nby name\n" {
		t.Fatalf("output %q", r.output)
	}
}

func TestSUGivesWhatALoginGives(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	t.Setenv("LOGNAME", "agent") // of the agent; HOME is set everywhere
	const show = `id -un; id -gn; id -G; echo "$HOME $USER $LOGNAME $SHELL"; pwd`
	const passwd = "root:x:0:0:root:/root:/bin/bash\nreporter:x:4711:4712:R,,,:/srv/reporter:/bin/rsh\nnoshell:x:4713:4712::/none:\n"
	const group = "root:x:0:\nreporter:x:4712:\ndata:x:4800:other,reporter\nmore:x:4801:reporter\nother:x:4802:noshell\n"
	for name, test := range map[string]struct {
		more []string
		want string
	}{
		"user":            {[]string{"su", "reporter"}, "reporter\nreporter\n4712 4800 4801\n/srv/reporter reporter reporter /bin/rsh\n/\n"},
		"user and group":  {[]string{"su", "reporter:other"}, "reporter\nother\n4802 4800 4801\n/srv/reporter reporter reporter /bin/rsh\n/\n"},
		"its own group":   {[]string{"su", "reporter:data"}, "reporter\ndata\n4800 4801\n/srv/reporter reporter reporter /bin/rsh\n/\n"},
		"no shell listed": {[]string{"su", "noshell"}, "noshell\nreporter\n4712 4802\n/none noshell noshell /bin/sh\n/\n"},
		"env wins": {[]string{"su", "reporter", "env", "HOME=/tmp,SHELL=/bin/zsh,USER=me"},
			"reporter\nreporter\n4712 4800 4801\n/tmp me reporter /bin/zsh\n/\n"},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(script(show, append(test.more, "cwd", "/")...))
			if got := executeWithUsers(t, passwd, group, req); got != test.want {
				t.Errorf("got:\n%swant:\n%s", got, test.want)
			}
		})
	}
}

// executeWithUsers runs a request in a process of its own that sees other users than the machine has, and returns the
// output.
func executeWithUsers(t *testing.T, passwd, group string, req *plugin.ExecuteRequest) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"passwd": passwd, "group": group} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `mount --make-rprivate / && mount --bind "$1"/passwd /etc/passwd &&
		mount --bind "$1"/group /etc/group && exec "$2"`, "sh", dir, os.Args[0])
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	cmd.Env = append(os.Environ(), "SHELLTEST_REQUEST="+string(text))
	said, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || strings.HasPrefix(string(said), "mount: ") {
		t.Skipf("other users need a mount namespace, and this host refuses: %v: %s", err, said)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var output strings.Builder
	for line := range strings.Lines(string(said)) {
		if quoted, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "output "); ok {
			chunk, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatal(err)
			}
			output.WriteString(chunk)
		} else if !strings.HasPrefix(line, "handle ") && line != "ended <nil>\n" {
			t.Fatalf("the agent said %q", line)
		}
	}
	return output.String()
}

func TestSUIsLimitedToTheListOfTheNode(t *testing.T) {
	e := shell.New(shell.Options{Policy: shell.Policy{SU: []string{"nobody", "backup:disk"}}})
	for _, su := range []string{"root", "nobody:root", "backup", "0"} {
		r := executeWith(t, t.Context(), e, request(script("true", "su", su)))
		want := fmt.Sprintf("su %q is not allowed on this node: its setting shell-allow-su allows only nobody, backup:disk", su)
		if r.err == nil || r.err.Error() != want {
			t.Errorf("%v, want %s", r.err, want)
		}
	}
	// To leave su out is no way around the list: for root the command would be root's.
	r := executeWith(t, t.Context(), e, request(script("true")))
	if os.Getuid() != 0 {
		wantSuccess(t, r)
		return
	}
	const want = "without su the command would run as root, and the setting shell-allow-su of this node allows only nobody, backup:disk; set su"
	if r.err == nil || r.err.Error() != want {
		t.Errorf("%v, want %s", r.err, want)
	}
	wantSuccess(t, executeWith(t, t.Context(), e, request(script("true", "su", "nobody"))))
	wantSuccess(t, executeWith(t, t.Context(), shell.New(shell.Options{Policy: shell.Policy{SU: []string{"nobody", "root"}}}), request(script("true"))))
}

func TestCommandRunsAlthoughItsHandleIsNotRecorded(t *testing.T) {
	rec := recorder{fail: errors.New("disk full")}
	resp, err := shell.New(shell.Options{}).Execute(t.Context(), request(script("echo ran")), &rec)
	if err != nil || resp.Error != "" || rec.output() != "ran\n" {
		t.Fatal(resp, err, rec.output())
	}
}

func TestNothingIsHeldAfterTheEnd(t *testing.T) {
	e := shell.New(shell.Options{})
	open := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	configs := []map[string]string{
		script("echo x"), script("sleep 9", "timeout", "20ms"), script("true", "mem_limit", "1GB"),
		script("cat", "payload", "eA=="), script("true", "cwd", "/proc/self/fd/0/x"), {"command": "/no/such/bin"},
	}
	run := func() {
		for _, config := range configs {
			executeWith(t, t.Context(), e, request(config))
		}
	}
	run() // opens what is shared
	files, goroutines := open(), runtime.NumGoroutine()
	for range 5 {
		run()
	}
	eventually(t, "files and goroutines are released", func() bool {
		return open() <= files && runtime.NumGoroutine() <= goroutines
	})
}

var _ plugin.Status = (*recorder)(nil)
