//go:build linux

package docker

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"dkron/plugin"
	"dkron/plugins-docker/internal/enginetest"
)

func TestACommandRunsInAContainer(t *testing.T) {
	e := shared.Get(t)
	response, out := execute(t, on(e, "command", `sh -c 'echo out; echo err >&2'`))
	if response.Error != "" || code(response) != 0 || out != "out\nerr\n" && out != "err\nout\n" {
		t.Errorf("%+v, output %q", response, out)
	}
	if left := e.Containers(t, jobOf(t)); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

func TestKeysReachTheContainer(t *testing.T) {
	e := shared.Get(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in"), []byte("from the node"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		config []string
		want   string
	}{
		"env":                                    {[]string{"env", `A=1,B=x\,y,A=2`, "command", `sh -c 'echo $A $B'`}, "2 x,y\n"},
		"identity":                               {[]string{"env", "DKRON_ATTEMPT=9", "command", `sh -c 'echo $DKRON_JOB_NAME $DKRON_LAUNCH_ID $DKRON_EXECUTION_ID $DKRON_SCHEDULED_AT $DKRON_ATTEMPT $DKRON_GROUP $DKRON_NODE_NAME'`}, "TestKeysReachTheContainer identity launch-1 5-node 2030-01-02T03:04:05Z 2 5 node\n"},
		"entrypoint":                             {[]string{"entrypoint", "/bin/sh -c", "command", "'echo a | tr a b'"}, "b\n"},
		"workdir":                                {[]string{"workdir", "/tmp", "command", "pwd"}, "/tmp\n"},
		"user":                                   {[]string{"user", "1234:56", "command", `sh -c 'id -u; id -g'`}, "1234\n56\n"},
		"volumes":                                {[]string{"volumes", dir + ":/data", "command", `sh -c 'cat /data/in; echo back > /data/out'`}, "from the node"},
		"payload":                                {[]string{"payload", base64.StdEncoding.EncodeToString(make([]byte, 300_000)), "command", "wc -c"}, "300000\n"},
		"the image's own command, without input": {nil, ""},
		"debug":                                  {[]string{"debug", "1", "registryUser", "u", "registryPassword", "s3cret", "command", "true"}, ""},
		"no such flag":                           {[]string{"remove", "maybe", "command", "echo hello"}, "Warning: remove \"maybe\" is not a boolean, using true; write \"true\" or \"false\".\nhello\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "debug" {
				x.config[len(x.config)-1] = "echo hello"
			}
			response, out := execute(t, on(e, x.config...))
			if name == "debug" {
				if response.Error != "" || strings.Contains(out, "s3cret") || !strings.Contains(out, "[redacted]") || !strings.HasSuffix(out, "hello\n") {
					t.Errorf("%+v, output %q", response, out)
				}
				return
			}
			if response.Error != "" || out != x.want {
				t.Errorf("%+v, output %q", response, out)
			}
		})
	}
	if back, err := os.ReadFile(filepath.Join(dir, "out")); err != nil || string(back) != "back\n" {
		t.Errorf("%q, %v", back, err)
	}
}

func TestAContainerIsWhatTheJobSays(t *testing.T) {
	e := shared.Get(t)
	api := e.API(t)
	out := new(output)
	out.wrote = once("up", func() {
		found, err := api.ContainerInspect(context.Background(), "own-name", client.ContainerInspectOptions{})
		if err != nil {
			t.Error(err)
			return
		}
		c := found.Container
		l := c.Config.Labels
		if l["dkron.job"] != jobOf(t) || l["dkron.execution"] != "5-node" || l["dkron.launch"] != "launch-1" || l["dkron.node"] != "node" || l["team"] != "data, and more" {
			t.Errorf("labels %v", l)
		}
		if h := c.HostConfig; h.Privileged || h.Memory != 64<<20 || h.NanoCPUs != 5e8 || h.NetworkMode != "none" {
			t.Errorf("%+v", h)
		}
	})
	response := executeTo(t.Context(), t, New(), on(e, "command", "sh -c 'echo up; sleep 0.3'", "name", "own-name", "labels", `team=data\, and more,dkron.job=x`,
		"memory", "64MB", "cpus", "0.5"), out)
	if response.Error != "" || response.Usage == nil || response.Usage.MemoryLimit != 64<<20 || !strings.HasPrefix(out.String(), `Warning: labels has "dkron.job", which is ignored`) {
		t.Errorf("%+v, output %q", response, out)
	}
}

func TestAContainerStaysIfTheJobWantsThat(t *testing.T) {
	e := shared.Get(t)
	config := on(e, "command", "true", "remove", "false")
	config["command"] = "echo hello"
	if response, _ := execute(t, config); response.Error != "" {
		t.Errorf("%+v", response)
	}
	left := e.Containers(t, jobOf(t))
	if len(left) != 1 || !strings.HasPrefix(left[0], "/dkron-TestAContainerStays") {
		t.Fatalf("%q", left)
	}
	if _, err := e.API(t).ContainerRemove(t.Context(), left[0], client.ContainerRemoveOptions{}); err != nil {
		t.Error(err)
	}
}

func TestAFailureSaysWhy(t *testing.T) {
	e := shared.Get(t)
	for name, x := range map[string]struct {
		config        []string
		code          int
		error, reason string // their beginnings
	}{
		"exit code":     {[]string{"command", "sh -c 'exit 3'"}, 3, "exit status 3", ""},
		"signal":        {[]string{"command", "sh -c 'kill -9 $$; sleep 1 & kill -9 $!; exit 137'"}, 137, "exit status 137", "exit status 137: killed by SIGKILL"},
		"no program":    {[]string{"command", "nothing-like-this -x"}, 127, `exec: "nothing-like-this": executable file not found in $PATH`, "the image has no such program; correct command or entrypoint"},
		"memory":        {[]string{"memory", "8MB", "command", "tail /dev/zero"}, 137, "killed: over its memory limit of 8 MB", "killed: over its memory limit of 8 MB"},
		"no image":      {[]string{"image", "nothing/like-this", "pull", "never"}, -1, `the engine does not have the image "nothing/like-this", and pull is "never"`, "pull or build the image on the engine's machine, or set pull to missing"},
		"no network":    {[]string{"network", "backend", "command", "pwd"}, -1, "network backend not found", `the engine has no network "backend"; create it, or correct network`},
		"no user":       {[]string{"user", "nobody-here", "command", "pwd"}, -1, "unable to find user nobody-here", "the image does not have this user; correct user"},
		"half a pair":   {[]string{"registryUser", "u"}, -1, "registryUser is set without registryPassword", ""},
		"no work":       {[]string{"command", "echo a; echo b"}, -1, "command has the operator \";\", and no shell would see it", ""},
		"working there": {[]string{"workdir", "relative", "command", "pwd"}, -1, "the working directory 'relative' is invalid", ""},
	} {
		t.Run(name, func(t *testing.T) {
			response, out := execute(t, on(e, x.config...))
			if code(response) != x.code || !strings.HasPrefix(response.Error, x.error) || !strings.HasPrefix(response.Reason, x.reason) {
				t.Errorf("code %d, %+v, output %q", code(response), response, out)
			}
			if left := e.Containers(t, jobOf(t)); len(left) != 0 {
				t.Errorf("%q are left", left)
			}
		})
	}
}

func TestAStopGivesTheCommandTimeToEnd(t *testing.T) {
	e := shared.Get(t)
	ctx, stop := context.WithCancelCause(t.Context())
	out := new(output)
	out.wrote = once("up", func() { stop(plugin.ErrStopped) })
	began := time.Now()
	response := executeTo(ctx, t, New(), on(e, "command", `sh -c 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.05; done'`), out)
	if response.Error != "stopped on request while running the container" || code(response) != 5 || out.String() != "up\nbye\n" {
		t.Errorf("%+v, code %d, output %q", response, code(response), out)
	}
	if time.Since(began) > time.Minute {
		t.Errorf("it took %v", time.Since(began))
	}
	if left := e.Containers(t, jobOf(t)); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

func TestACommandThatIgnoresAStopIsKilled(t *testing.T) {
	e := shared.Get(t)
	ctx, stop := context.WithCancelCause(t.Context())
	out := new(output)
	out.wrote = once("up", func() { stop(plugin.ErrStopped) })
	began := time.Now()
	response := executeTo(ctx, t, New(), on(e, "stopTimeout", "1s", "command", `sh -c 'trap "" TERM; echo up; while :; do sleep 0.05; done'`), out)
	if took := time.Since(began); response.Error == "" || code(response) != 137 || took < time.Second || took > time.Minute {
		t.Errorf("%+v, code %d, after %v", response, code(response), took)
	}
	if left := e.Containers(t, jobOf(t)); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

func TestATimeoutEndsTheContainer(t *testing.T) {
	e := shared.Get(t)
	response, _ := execute(t, on(e, "timeout", "8s", "stopTimeout", "0s", "command", "sleep 1000"))
	if !response.TimedOut || response.Reason != "timed out after 8 s" || code(response) != 137 {
		t.Errorf("%+v, code %d", response, code(response))
	}
	if left := e.Containers(t, jobOf(t)); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

func TestMuchOutputTakesLittleMemory(t *testing.T) {
	e := shared.Get(t)
	const total = 100 << 20
	out := &output{keep: 16}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	chunks := 0
	out.wrote = func(string) {
		if chunks++; chunks%500 == 0 {
			runtime.ReadMemStats(&after)
			most = max(most, after.HeapInuse)
		}
	}
	response := executeTo(t.Context(), t, New(), on(e, "command", "sh -c 'yes 0123456789012345678901234567890123456789012345678901234567890123456789012345678 | head -c 104857600'"), out)
	if response.Error != "" || out.total != total {
		t.Errorf("%+v, %d bytes", response, out.total)
	}
	if grown := int64(most) - int64(before.HeapInuse); grown > 32<<20 {
		t.Errorf("it took %d bytes more", grown)
	}
}

func TestAnEngineThatCannotBeUsedIsNamed(t *testing.T) {
	dir := t.TempDir()
	hanging, err := newHanging(filepath.Join(dir, "h"))
	if err != nil {
		t.Fatal(err)
	}
	defer hanging.Close()
	garbage, err := newGarbage(filepath.Join(dir, "g"))
	if err != nil {
		t.Fatal(err)
	}
	defer garbage.Close()
	for name, x := range map[string]struct {
		host, reason string
		pairs        []string
	}{
		"none":    {"unix://" + dir + "/none", "there is no engine at unix://" + dir + "/none; install and start Docker on the node, or name another engine in host", nil},
		"refused": {"tcp://127.0.0.1:1", "nothing accepts connections at tcp://127.0.0.1:1; start Docker on the node, or correct host", nil},
		"hangs":   {"unix://" + dir + "/h", "timed out after 1 s", []string{"timeout", "1s"}},
		"garbage": {"unix://" + dir + "/g", "unix://" + dir + "/g is not an engine, or wants TLS; check host, and set the keys of TLS", nil},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			response, _ := execute(t, with(map[string]string{"image": enginetest.Image, "host": x.host}, x.pairs...))
			if response.Error == "" || response.Reason != x.reason || time.Since(began) > time.Minute {
				t.Errorf("%+v after %v", response, time.Since(began))
			}
		})
	}
}
