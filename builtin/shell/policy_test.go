//go:build linux

package shell_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dkron/builtin/shell"
)

// with executes a configuration, given as keys and values, on a node that has a policy.
func with(t *testing.T, p shell.Policy, pairs ...string) result {
	t.Helper()
	config := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		config[pairs[i]] = pairs[i+1]
	}
	return executeWith(t, t.Context(), shell.New(shell.Options{Policy: p}), request(config))
}

// wantForbidden wants that nothing was started, and an error with a part.
func wantForbidden(t *testing.T, r result, format string, args ...any) {
	t.Helper()
	if want := fmt.Sprintf(format, args...); r.err == nil || !strings.Contains(r.err.Error(), want) || r.output != "" {
		t.Errorf("got %v, output %q\nwant %s", r.err, r.output, want)
	}
}

// resolved returns a new directory, without links in its path.
func resolved(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// tool makes a program that says its name.
func tool(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho ran ${0##*/}\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyProgramsOfTheListAreStarted(t *testing.T) {
	root := resolved(t)
	jobs, other := filepath.Join(root, "jobs"), filepath.Join(root, "other")
	for _, path := range []string{"jobs/good", "jobs/sub/deep", "jobs-more/x", "other/bad"} {
		tool(t, filepath.Join(root, path))
	}
	link(t, other, filepath.Join(jobs, "away"))
	link(t, jobs, filepath.Join(root, "alias"))
	link(t, filepath.Join(other, "bad"), filepath.Join(jobs, "applet"))
	p := shell.Policy{Commands: []string{jobs + "/*", "/no/such/dir/x"}}
	for command, want := range map[string]string{
		jobs + "/good a b":            "ran good\n",
		root + "/alias/good":          "ran good\n", // the same directory by another name
		jobs + "/sub/../good":         "ran good\n",
		jobs + "/applet":              "ran applet\n", // a program of the directory, wherever it leads
		"'" + jobs + "'/good":         "ran good\n",
		root + "/other/../jobs/good":  "ran good\n",
		root + "/alias/../alias/good": "ran good\n",
	} {
		r := with(t, p, "command", command)
		wantSuccess(t, r)
		if r.output != want {
			t.Errorf("%s: output %q", command, r.output)
		}
	}
	for command, program := range map[string]string{
		other + "/bad":                  other + "/bad",
		jobs + "/../other/bad":          other + "/bad",
		jobs + "/away/bad":              other + "/bad",
		jobs + "/sub/deep":              jobs + "/sub/deep", // a star does not match a slash
		root + "/jobs-more/x":           root + "/jobs-more/x",
		jobs + "/away/../jobs-more/x":   root + "/jobs-more/x", // as the system resolves it: from other, not from jobs
		root + "/alias/../jobs-more/x":  root + "/jobs-more/x",
		root + "/alias/away/../other/x": root + "/other/x",
	} {
		wantForbidden(t, with(t, p, "command", command), "command %s is not allowed on this node: its setting shell-allow-commands allows only %s/*, /no/such/dir/x", program, jobs)
	}
}

func TestAProgramIsJudgedByThePathThatItsNameHas(t *testing.T) {
	found, err := exec.LookPath("echo")
	if err != nil {
		t.Fatal(err)
	}
	r := with(t, shell.Policy{Commands: []string{found}}, "command", "echo a")
	wantSuccess(t, r)
	if r.output != "a\n" {
		t.Errorf("output %q", r.output)
	}
	place, err := filepath.EvalSymlinks(filepath.Dir(found))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"/bin", place} { // /bin is often a link
		if _, err := os.Stat(dir + "/echo"); err != nil {
			continue
		}
		wantSuccess(t, with(t, shell.Policy{Commands: []string{dir + "/echo"}}, "command", "echo a"))
	}
	wantForbidden(t, with(t, shell.Policy{Commands: []string{"/opt/echo"}}, "command", "echo a"), "command %s/echo is not allowed", place)
}

func TestARelativePathIsJudgedFromTheWorkingDirectory(t *testing.T) {
	root := resolved(t)
	tool(t, root+"/jobs/good")
	tool(t, root+"/other/good")
	link(t, root+"/other", root+"/jobs/away")
	p := shell.Policy{Commands: []string{root + "/jobs/good"}}
	wantSuccess(t, with(t, p, "command", "./good", "cwd", root+"/jobs"))
	wantSuccess(t, with(t, p, "command", "../jobs/good", "cwd", root+"/other"))
	wantForbidden(t, with(t, p, "command", "./good", "cwd", root+"/other"), "command %s/other/good is not allowed", root)
	wantForbidden(t, with(t, p, "command", "away/good", "cwd", root+"/jobs"), "command %s/other/good is not allowed", root)
	wantForbidden(t, with(t, p, "command", "./good", "cwd", root+"/jobs/away"), "command %s/other/good is not allowed", root)
	t.Chdir(root)
	wantSuccess(t, with(t, p, "command", "jobs/good"))
	wantForbidden(t, with(t, p, "command", "other/good"), "command %s/other/good is not allowed", root)
}

func TestAShellIsRefusedWhereProgramsAreListed(t *testing.T) {
	p := shell.Policy{Commands: []string{"/bin/*", "/usr/bin/*"}}
	for _, yes := range []string{"true", "1", "T"} {
		wantForbidden(t, with(t, p, "command", "echo ran", "shell", yes),
			`"shell": "true" is not allowed on this node: its setting shell-allow-commands allows only /bin/*, /usr/bin/*, and a shell could start any other program`)
	}
	wantSuccess(t, with(t, p, "command", "echo ran", "shell", "false"))
}

func TestCommandsStartOnlyInDirectoriesOfTheList(t *testing.T) {
	root := resolved(t)
	for _, dir := range []string{"jobs/sub", "jobs-more", "other"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link(t, root+"/other", root+"/jobs/away")
	link(t, root+"/jobs/sub", root+"/in")
	link(t, root+"/jobs", root+"/alias")
	for _, allowed := range []string{root + "/jobs", root + "/jobs/", root + "/alias"} {
		p := shell.Policy{Dirs: []string{"/no/such/dir", allowed}}
		for cwd, want := range map[string]string{
			root + "/jobs": root + "/jobs", root + "/jobs/sub": root + "/jobs/sub", root + "/in": root + "/jobs/sub", root + "/other/../jobs": root + "/jobs",
		} {
			r := with(t, p, "command", "/bin/pwd -P", "cwd", cwd)
			wantSuccess(t, r)
			if r.output != want+"\n" {
				t.Errorf("%s: output %q", cwd, r.output)
			}
		}
		only := "is not allowed on this node: its setting shell-allow-dirs allows only /no/such/dir, " + allowed
		wantForbidden(t, with(t, p, "command", "pwd", "cwd", root+"/other"), "cwd %q %s", root+"/other", only)
		wantForbidden(t, with(t, p, "command", "pwd", "shell", "true", "cwd", root+"/jobs-more"), "cwd %q %s", root+"/jobs-more", only)
		wantForbidden(t, with(t, p, "command", "pwd", "cwd", root+"/jobs/away"), "cwd %q, which is %s, %s", root+"/jobs/away", root+"/other", only)
		wantForbidden(t, with(t, p, "command", "pwd", "cwd", root+"/jobs/../other"), "is not allowed on this node")
		wantForbidden(t, with(t, p, "command", "pwd", "cwd", "/"), "cwd %q %s", "/", only)
	}
	t.Chdir(root + "/other")
	p := shell.Policy{Dirs: []string{root + "/jobs"}}
	wantForbidden(t, with(t, p, "command", "pwd"), // to leave cwd out is no way around the list
		"without cwd the command would start in %s/other, and the setting shell-allow-dirs of this node allows only %s/jobs; set cwd", root, root)
	t.Chdir(root + "/jobs")
	wantSuccess(t, with(t, p, "command", "pwd"))
	wantSuccess(t, with(t, shell.Policy{Dirs: []string{"/"}}, "command", "pwd", "cwd", root+"/other"))
}

func TestJobsSetOnlyVariablesOfTheList(t *testing.T) {
	programs := []string{"/bin/*", "/usr/bin/*"}
	r := with(t, shell.Policy{Env: []string{"STAGE", "APP_*"}, Commands: programs}, "command", "env", "env", "STAGE=a,APP_X=b,APP_=c")
	wantSuccess(t, r)
	for _, entry := range []string{"STAGE=a\n", "APP_X=b\n", "APP_=c\n"} {
		if !strings.Contains(r.output, entry) {
			t.Errorf("output %q lacks %q", r.output, entry)
		}
	}
	for _, p := range []shell.Policy{{Env: []string{"STAGE", "APP_*"}}, {Env: []string{"STAGE", "APP_*"}, Commands: programs}} {
		for _, name := range []string{"LD_PRELOAD", "STAGE2", "stage", "XAPP_", "BASH_FUNC_x%%"} {
			r := with(t, p, "command", "env", "env", "STAGE=a,"+name+"=s3cret")
			wantForbidden(t, r, "env may not set %q on this node: its setting shell-allow-env allows only STAGE, APP_*", name)
			if strings.Contains(r.err.Error(), "s3cret") {
				t.Errorf("a value is in %v", r.err)
			}
		}
	}
	wantForbidden(t, with(t, shell.Policy{Commands: programs}, "command", "env", "env", "BASH_ENV=/x"),
		`env may not set "BASH_ENV" on this node: with its setting shell-allow-commands it may only set what shell-allow-env names, which is nothing`)
	wantSuccess(t, with(t, shell.Policy{Commands: programs}, "command", "env"))
	wantSuccess(t, with(t, shell.Policy{Dirs: []string{"/"}}, "command", "env", "env", "LD_LIBRARY_PATH=/x", "cwd", "/"))
}
