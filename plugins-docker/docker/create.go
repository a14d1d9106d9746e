package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Labels say whose a container is.
const (
	labelPrefix    = "dkron."
	labelJob       = labelPrefix + "job"
	labelExecution = labelPrefix + "execution"
	labelLaunch    = labelPrefix + "launch"
	labelNode      = labelPrefix + "node"
	labelCluster   = labelPrefix + "cluster" // of dkron; two that share an engine may have jobs and nodes of one name
	labelRemove    = labelPrefix + "remove"  // whether the container is removed after its end
)

// The command's output is read from the engine's log, which is bounded, so that a talkative command doesn't fill the disk. The bound is
// high, because some engines repeat lines to whoever reads while they begin another file.
const (
	logDriver = "json-file"
	logSize   = "512m"
	logFiles  = "2"
)

// unfit are the characters that names of containers can't have.
var unfit = regexp.MustCompile(`[^a-zA-Z0-9_.-]+`)

// name is the container's: always the same for an execution, so that it can't get two.
func (r *run) name() string {
	if r.named != "" {
		return r.named
	}
	sum := sha256.Sum256([]byte(r.req.Cluster + "\x00" + r.req.NodeName + "\x00" + r.req.JobName + "\x00" + r.req.ExecutionID))
	job := strings.Trim(unfit.ReplaceAllString(r.req.JobName, "-"), "-._")
	return "dkron-" + job[:min(len(job), 40)] + "-" + hex.EncodeToString(sum[:8])
}

func (r *run) identity() map[string]string {
	return map[string]string{
		labelJob: r.req.JobName, labelExecution: r.req.ExecutionID, labelLaunch: r.req.LaunchID, labelNode: r.req.NodeName,
		labelCluster: r.req.Cluster, labelRemove: fmt.Sprint(r.remove),
	}
}

// ours reports whether a container is that of this execution.
func (r *run) ours(found container.InspectResponse) bool {
	if found.Config == nil {
		return false
	}
	l := found.Config.Labels
	return l[labelJob] == r.req.JobName && l[labelExecution] == r.req.ExecutionID && l[labelNode] == r.req.NodeName && l[labelCluster] == r.req.Cluster
}

// create creates the container. If the execution has one already, since an answer was lost, it is that one.
func (r *run) create(ctx context.Context) (container.InspectResponse, error) {
	bounded, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	created, err := r.api.ContainerCreate(bounded, r.options())
	switch {
	case err == nil:
		r.id = created.ID
		for _, warning := range created.Warnings {
			r.say("Warning: %s\n", keys.Short(warning))
		}
		return container.InspectResponse{State: &container.State{Status: container.StateCreated}}, nil
	case !errdefs.IsConflict(err) && !client.IsErrConnectionFailed(err) || ctx.Err() != nil:
		return container.InspectResponse{}, err
	}
	found, lost := r.api.ContainerInspect(bounded, r.name(), client.ContainerInspectOptions{})
	switch {
	case lost != nil:
		return container.InspectResponse{}, err
	case !r.ours(found.Container):
		return container.InspectResponse{}, fmt.Errorf("the engine has another container of the name %s; remove it, or give the job another name", r.name())
	}
	r.id = found.Container.ID
	return found.Container, nil
}

// options is the container that the job wants.
func (r *run) options() client.ContainerCreateOptions {
	labels := maps.Clone(r.labels)
	maps.Copy(labels, r.identity())
	feeds := len(r.payload) > 0
	return client.ContainerCreateOptions{
		Name:     r.name(),
		Platform: r.platform,
		Config: &container.Config{
			Image: r.image, Cmd: r.command, Entrypoint: r.entrypoint, Env: r.environ(), Labels: labels,
			User: r.as, WorkingDir: r.workdir, AttachStdin: feeds, OpenStdin: feeds, StdinOnce: feeds,
		},
		HostConfig: &container.HostConfig{
			Binds: r.volumes, NetworkMode: container.NetworkMode(r.network), Privileged: r.privileged,
			LogConfig: container.LogConfig{Type: logDriver, Config: map[string]string{"max-size": logSize, "max-file": logFiles}},
			// Swap would make the memory limit one of both.
			Resources: container.Resources{Memory: r.memory, MemorySwap: r.memory, NanoCPUs: r.nanoCPUs},
		},
	}
}

// environ is env with the variables that identify the execution. No name occurs twice, because C libraries disagree
// about which of two counts.
func (r *run) environ() (env []string) {
	name := func(entry string) string { before, _, _ := strings.Cut(entry, "="); return before }
	for _, entry := range append(slices.Clone(r.env), keys.Identity(r.req)...) {
		env = slices.DeleteFunc(env, func(other string) bool { return name(other) == name(entry) })
		env = append(env, entry)
	}
	return env
}

// find asks for the container. While the engine can't be asked, such as after a start of the machine, it is asked again.
func (r *run) find(ctx context.Context) (container.InspectResponse, error) {
	for {
		bounded, cancel := context.WithTimeout(ctx, answerLimit)
		found, err := r.api.ContainerInspect(bounded, r.id, client.ContainerInspectOptions{})
		cancel()
		if !away(err) {
			r.back()
			return found.Container, err
		}
		if pause := r.missing(); pause == 0 {
			return container.InspectResponse{}, fmt.Errorf("the engine could not be asked for %s: %w", plugin.InWords(absence), err)
		} else if !sleep(ctx, pause) {
			return container.InspectResponse{}, context.Cause(ctx)
		}
	}
}

// absence is how long an engine may be away, such as for a restart, until a container's outcome is given up.
const absence = 2 * time.Minute

// missing notes that the engine can't be asked, and returns the pause until it is to be asked again, 0 if it has been away
// for too long.
func (r *run) missing() time.Duration {
	if r.lostAt.IsZero() {
		r.lostAt = time.Now()
	}
	since := time.Since(r.lostAt)
	if since > absence {
		return 0
	}
	return min(max(since/4, 100*time.Millisecond), 2*time.Second)
}

// back notes that the engine can be asked.
func (r *run) back() {
	if !r.lostAt.IsZero() {
		r.away += time.Since(r.lostAt)
		r.lostAt = time.Time{}
	}
}

// sleep waits, and reports whether ctx continues.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}

// discard removes the container, if there is one, although ctx may have ended.
func (r *run) discard(ctx context.Context) {
	if errors.Is(context.Cause(ctx), plugin.ErrAgentGone) {
		return
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
	defer cancel()
	id := r.id
	if id == "" { // created, perhaps, without an answer
		found, err := r.api.ContainerInspect(bounded, r.name(), client.ContainerInspectOptions{})
		if err != nil || !r.ours(found.Container) {
			return
		}
		id = found.Container.ID
	}
	_, _ = r.api.ContainerRemove(bounded, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
}

// removeLimit bounds a removal. What is left after that, sweep removes later.
const removeLimit = 20 * time.Second

func neverRan(c container.InspectResponse) bool {
	return c.State != nil && c.State.Status == container.StateCreated
}

func running(c container.InspectResponse) bool {
	return c.State != nil && (c.State.Running || c.State.Paused || c.State.Restarting)
}

// short is how people write the id of a container.
func short(id string) string { return id[:min(len(id), 12)] }

// exitOfStart is the exit code that shells have for a command that can't be started; 0 if it isn't known.
func exitOfStart(err error) int {
	switch said := err.Error(); {
	case strings.Contains(said, "executable file not found"), strings.Contains(said, "no such file or directory") && strings.Contains(said, "OCI runtime"):
		return 127
	case strings.Contains(said, "permission denied") && strings.Contains(said, "OCI runtime"):
		return 126
	}
	return 0
}
