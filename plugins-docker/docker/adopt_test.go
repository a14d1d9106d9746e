//go:build linux

package docker

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"dkron/plugin"
	"dkron/plugins-docker/internal/enginetest"
)

// deserted starts an execution, and returns its handle after its agent has died. That happens when the output has a text.
func deserted(t *testing.T, config map[string]string, text string) (*output, []byte) {
	t.Helper()
	ctx, die := context.WithCancelCause(t.Context())
	out := new(output)
	out.wrote = once(text, func() { die(plugin.ErrAgentGone) })
	if response, err := New().Execute(ctx, request(t, config), out); !errors.Is(err, plugin.ErrAgentGone) {
		t.Fatalf("%+v, %v", response, err)
	}
	return out, out.handle()
}

func adopt(t *testing.T, config map[string]string, handle []byte, reported int64) (*plugin.ExecuteResponse, string, error) {
	t.Helper()
	again := request(t, config)
	again.Reported = reported
	out := new(output)
	response, err := New().Adopt(t.Context(), again, handle, out)
	return response, out.String(), err
}

func TestAContainerIsFollowedAfterTheDeathOfItsAgent(t *testing.T) {
	e := shared.Get(t)
	dir := t.TempDir()
	config := on(e, "timeout", "5m", "volumes", dir+":/go", "command", `sh -c 'echo one; echo two; while [ ! -e /go/on ]; do sleep 0.02; done; echo three; exit 7'`)
	for name, x := range map[string]struct {
		ends     string // when the container ends
		reported bool   // whether the agent has what was written before
		want     string
	}{
		"by a new process of the plugin": {"later", true, "three\n"},
		"by a new agent":                 {"later", false, "one\ntwo\nthree\n"},
		"that came after its end":        {"before", false, "one\ntwo\nthree\n"},
	} {
		t.Run(name, func(t *testing.T) {
			_ = os.Remove(filepath.Join(dir, "on"))
			out, handle := deserted(t, config, "two\n")
			if left := e.Containers(t, jobOf(t)); len(left) != 1 {
				t.Fatalf("containers %q", left)
			}
			goOn := func() {
				if err := os.WriteFile(filepath.Join(dir, "on"), nil, 0o600); err != nil {
					t.Error(err)
				}
			}
			reported := int64(0)
			if x.reported {
				reported = out.total
			}
			if x.ends == "before" {
				goOn()
				ended(t, e, handle)
			} else {
				time.AfterFunc(300*time.Millisecond, goOn)
			}
			response, text, err := adopt(t, config, handle, reported)
			if err != nil || response.Error != "exit status 7" || code(response) != 7 || text != x.want {
				t.Errorf("%+v, %v, output %q", response, err, text)
			}
			if left := e.Containers(t, jobOf(t)); len(left) != 0 {
				t.Errorf("%q are left", left)
			}
		})
	}
}

// ended waits for the end of a handle's container.
func ended(t *testing.T, e *enginetest.Engine, text []byte) {
	t.Helper()
	var h handle
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	api := e.API(t)
	eventually(t, "the container ends", func() bool {
		found, err := api.ContainerInspect(t.Context(), h.Container, client.ContainerInspectOptions{})
		return err == nil && found.Container.State.Status == container.StateExited
	})
}

func TestWhatWePrintOurselvesIsNotCountedAsTheCommands(t *testing.T) {
	e := shared.Get(t)
	config := on(e, "remove", "perhaps", "command", `sh -c 'echo one; sleep 1; echo two'`)
	out, handle := deserted(t, config, "one\n")
	if !strings.HasPrefix(out.String(), "Warning: ") {
		t.Errorf("output %q", out)
	}
	if response, text, err := adopt(t, config, handle, out.total); err != nil || response.Error != "" || text != "two\n" {
		t.Errorf("%+v, %v, output %q", response, err, text)
	}
}

func TestAContainerThatNeverRanIsStartedOnce(t *testing.T) {
	e := shared.Get(t)
	config := on(e, "payload", "aGVsbG8=", "command", "cat")
	// What is left when the agent dies between the handle and the start.
	r := &run{config: parse(config), executor: New(), req: request(t, config), out: new(output)}
	var err error
	if r.api, err = r.dial(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if response, text, err := adopt(t, config, r.handle(t.Context()), 0); err != nil || response.Error != "" || text != "hello" {
		t.Errorf("%+v, %v, output %q", response, err, text)
	}
}

func TestACommandWithAPartOfItsInputIsKilled(t *testing.T) {
	e := shared.Get(t)
	config := on(e, "payload", "aGVsbG8=", "stopTimeout", "0s", "command", "sh -c 'echo up; cat; sleep 1000'")
	_, text := deserted(t, config, "up\n")
	var h handle
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	h.Fed = false
	text, _ = json.Marshal(h)
	response, _, err := adopt(t, config, text, 0)
	if err != nil || response.Error != "the agent died while the command got its standard input; the container was killed" {
		t.Errorf("%+v, %v", response, err)
	}
	if left := e.Containers(t, jobOf(t)); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

func TestATimeoutGoesOnWhileNobodyFollows(t *testing.T) {
	e := shared.Get(t)
	config := on(e, "timeout", "25s", "stopTimeout", "0s", "command", "sh -c 'echo up; sleep 1000'")
	_, handle := deserted(t, config, "up\n")
	began := time.Now()
	response, _, err := adopt(t, config, handle, 0)
	if err != nil || !response.TimedOut || time.Since(began) > 2*time.Minute {
		t.Errorf("%+v, %v, after %v", response, err, time.Since(began))
	}
}

func TestTheOutcomeOfARemovedContainerIsUnknown(t *testing.T) {
	e := shared.Get(t)
	api := e.API(t)
	config := on(e, "command", "sh -c 'echo up; sleep 1000'")
	_, text := deserted(t, config, "up\n")
	var h handle
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	remove := func() {
		if _, err := api.ContainerRemove(context.Background(), h.Container, client.ContainerRemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	}
	remove()
	eventually(t, "the container is gone", func() bool { return len(e.Containers(t, jobOf(t))) == 0 })
	if response, _, err := adopt(t, config, text, 0); !errors.Is(err, plugin.ErrUnknownOutcome) {
		t.Errorf("removed before: %+v, %v", response, err)
	}
}

func TestARestartOfTheEngineIsSurvived(t *testing.T) {
	for name, end := range map[string]func(*enginetest.Engine){"stop": (*enginetest.Engine).Stop, "kill": (*enginetest.Engine).Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := enginetest.New(t)
			restarted := make(chan error, 1)
			out := new(output)
			out.wrote = once("up\n", func() {
				go func() {
					end(e)
					restarted <- e.Start()
				}()
			})
			response := executeTo(t.Context(), t, New(), on(e, "command", "sh -c 'echo up; sleep 1000'"), out)
			if err := <-restarted; err != nil {
				t.Fatal(err)
			}
			// An engine that is stopped may still report the end of its containers.
			if code(response) < 1 || !strings.HasPrefix(response.Reason, "exit status ") || out.String() != "up\n" {
				t.Errorf("%+v, code %d, output %q", response, code(response), out)
			}
			// One that was killed can't: its successor ends what still runs, and says so.
			if name == "kill" && !(strings.HasPrefix(response.Reason, "exit status 137; the engine was away for ") && strings.Contains(response.Reason, "live-restore")) {
				t.Errorf("the reason is %q", response.Reason)
			}
			if left := e.Containers(t, jobOf(t)); len(left) != 0 {
				t.Errorf("%q are left", left)
			}
		})
	}
}

// With live-restore a container goes on while its engine is away, and its true end is known.
func TestAContainerGoesOnWithoutItsEngine(t *testing.T) {
	for name, end := range map[string]func(*enginetest.Engine){"stop": (*enginetest.Engine).Stop, "kill": (*enginetest.Engine).Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e := enginetest.New(t, "--live-restore")
			restarted := make(chan error, 1)
			out := new(output)
			out.wrote = once("one\n", func() {
				go func() {
					end(e)
					restarted <- e.Start()
				}()
			})
			go func() {
				if err := <-restarted; err != nil {
					t.Error(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "on"), nil, 0o600); err != nil {
					t.Error(err)
				}
			}()
			response := executeTo(t.Context(), t, New(), on(e, "volumes", dir+":/go", "command", "sh -c 'echo one; while [ ! -e /go/on ]; do sleep 0.02; done; echo two; exit 7'"), out)
			if code(response) != 7 || out.String() != "one\ntwo\n" {
				t.Errorf("%+v, code %d, output %q", response, code(response), out)
			}
		})
	}
}

func TestAStopEndsInTimeAlthoughTheEngineHangs(t *testing.T) {
	e := enginetest.New(t)
	ctx, stop := context.WithCancelCause(t.Context())
	thaw := func() {}
	defer func() { thaw() }()
	out := new(output)
	out.wrote = once("up\n", func() {
		thaw = e.Freeze()
		stop(plugin.ErrStopped)
	})
	began := time.Now()
	response := executeTo(ctx, t, New(), on(e, "stopTimeout", "1s", "command", "sh -c 'echo up; sleep 1000'"), out)
	if took := time.Since(began); len(response.LeftRunning) != 1 || !strings.HasPrefix(response.Error, "stopped on request") || took > time.Minute {
		t.Errorf("%+v after %v", response, took)
	}
}

func TestLeftContainersAreRemovedWhenThatIsSafe(t *testing.T) {
	e := shared.Get(t)
	api := e.API(t)
	for _, c := range []struct {
		name, node, cluster, remove string
		start, stays                bool
	}{
		{"never-ran", "node", "", "true", false, false},
		{"has-ended", "node", "", "true", true, false},
		{"runs", "node", "", "true", true, true},
		{"followed", "node", "", "true", false, true},
		{"to-be-kept", "node", "", "false", false, true},
		{"of-another-node", "other", "", "true", false, true},
		{"of-another-cluster", "node", "other", "true", false, true},
	} {
		command := []string{"true"}
		if c.name == "runs" {
			command = []string{"sleep", "1000"}
		}
		created, err := api.ContainerCreate(t.Context(), client.ContainerCreateOptions{Name: c.name, Config: &container.Config{
			Image: enginetest.Image, Cmd: command, Labels: map[string]string{labelJob: jobOf(t), labelNode: c.node, labelCluster: c.cluster, labelRemove: c.remove},
		}, HostConfig: &container.HostConfig{NetworkMode: "none"}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			_, _ = api.ContainerRemove(context.Background(), created.ID, client.ContainerRemoveOptions{Force: true})
		}()
		if c.start {
			if _, err := api.ContainerStart(t.Context(), created.ID, client.ContainerStartOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, "one has ended", func() bool {
		found, err := api.ContainerInspect(t.Context(), "has-ended", client.ContainerInspectOptions{})
		return err == nil && !running(found.Container)
	})
	x := New()
	followed, err := api.ContainerInspect(t.Context(), "followed", client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.hold(followed.Container.ID)()
	x.sweeper.sweep(t.Context(), x, api, "node", "")
	if left := e.Containers(t, jobOf(t)); len(left) != 7 {
		t.Errorf("a container that has just ended is removed: %q are left", left)
	}
	x.sweeper.settle, x.sweeper.age = 0, 0
	if response := executeTo(t.Context(), t, x, on(e, "command", "echo hello"), new(output)); response.Error != "" {
		t.Errorf("%+v", response)
	}
	want := "/followed /of-another-cluster /of-another-node /runs /to-be-kept"
	eventually(t, want, func() bool { return strings.Join(e.Containers(t, jobOf(t)), " ") == want })
}
