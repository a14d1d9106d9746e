package docker

import (
	"context"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// sweeper removes containers that executions have left: their agent died between their end and their removal, or the
// engine was away then.
//
// It removes a container only if all of this holds: its labels say that it belongs to this node of this cluster and that it is to be
// removed; it does not run; it has ended (or, if it never ran, was created) more than an hour ago; nobody here follows it.
// It looks for the first time a minute after the start of the process, when the agent has had what it knows adopted. What
// runs is never ended by it: an agent may come back and adopt it.
type sweeper struct {
	settle time.Duration // after the start
	pause  time.Duration // between two looks
	age    time.Duration // since the end

	mu    *sync.Mutex          // guards next
	next  map[string]time.Time // by engine and node
	since time.Time
}

func newSweeper() sweeper {
	return sweeper{settle: time.Minute, pause: 10 * time.Minute, age: time.Hour, mu: new(sync.Mutex), next: make(map[string]time.Time), since: time.Now()}
}

// maxEngines bounds the engines that are remembered.
const maxEngines = 100

// due reports whether it is time for a look, and notes it.
func (s *sweeper) due(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.since) < s.settle || now.Before(s.next[key]) {
		return false
	}
	if len(s.next) >= maxEngines {
		clear(s.next)
	}
	s.next[key] = now.Add(s.pause)
	return true
}

// look removes what is left on the engine of an execution, if it is time, without letting the execution wait.
func (s *sweeper) look(e *Executor, r *run) {
	if !s.due(r.host + "\x00" + r.req.Cluster + "\x00" + r.req.NodeName) {
		return
	}
	api, err := r.dial()
	if err != nil {
		return
	}
	node, cluster := r.req.NodeName, r.req.Cluster
	go func() {
		defer api.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		s.sweep(ctx, e, api, node, cluster)
	}()
}

func (s *sweeper) sweep(ctx context.Context, e *Executor, api *client.Client, node, cluster string) {
	filters := make(client.Filters).Add("label", labelNode+"="+node, labelCluster+"="+cluster, labelRemove+"=true").
		Add("status", string(container.StateExited), string(container.StateDead), string(container.StateCreated))
	all, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		return
	}
	for _, c := range all.Items {
		if e.holds(c.ID) {
			continue
		}
		found, err := api.ContainerInspect(ctx, c.ID, client.ContainerInspectOptions{})
		if err != nil || running(found.Container) || time.Since(idleSince(found.Container)) < s.age {
			continue
		}
		// Without force: one that was started in the meantime stays.
		_, _ = api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{RemoveVolumes: true})
	}
}

// idleSince is since when a container does nothing; now if that isn't known.
func idleSince(c container.InspectResponse) time.Time {
	at := c.Created
	if !neverRan(c) && c.State != nil {
		at = c.State.FinishedAt
	}
	when, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return time.Now()
	}
	return when
}
