package docker

import (
	"context"
	"time"

	"github.com/moby/moby/client"
)

// killLimit is how long an engine may take, after the grace, to end a container. With maxGrace it is less than what an
// agent waits for a plugin.
const killLimit = 1500 * time.Millisecond

// stop ends the container: the request to end, the grace, the kill. It reports whether the container has ended. The engine
// does the three, so that they happen even if this process dies in the middle.
func (r *run) stop(ctx context.Context, ended <-chan struct{}) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.grace+killLimit)
	defer cancel()
	seconds := int((r.grace + time.Second - 1) / time.Second)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = r.api.ContainerStop(ctx, r.id, client.ContainerStopOptions{Timeout: &seconds})
	}()
	select {
	case <-ended:
		return true
	case <-time.After(r.grace):
	}
	// An engine that was restarted has forgotten the stop.
	_, _ = r.api.ContainerKill(ctx, r.id, client.ContainerKillOptions{Signal: "KILL"})
	select {
	case <-ended:
		return true
	case <-ctx.Done():
		return false
	}
}

// end ends a container that nobody follows, as stop does.
func (r *run) end(ctx context.Context) bool {
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.await(watching)
	}()
	return r.stop(ctx, ended)
}

// patience is a time to wait for something that is not necessary; little if the agent waits for the end.
func (r *run) patience(ctx context.Context, usual time.Duration) time.Duration {
	if ctx.Err() != nil {
		return 300 * time.Millisecond
	}
	return usual
}

// clear removes the container after its end, if the job wants that. What can't be removed now, sweep removes later.
func (r *run) clear(ctx context.Context) {
	if !r.remove {
		return
	}
	removed := make(chan struct{})
	go func() {
		defer close(removed)
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
		defer cancel()
		for {
			_, err := r.api.ContainerRemove(bounded, r.id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			if !away(err) || !sleep(bounded, time.Second) { // an engine that ends its containers is about to be restarted
				return
			}
		}
	}()
	select {
	case <-removed:
	case <-time.After(r.patience(ctx, removeLimit)):
	}
}
