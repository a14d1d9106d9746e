package state

import (
	"sync"
	"sync/atomic"

	"dkron"
)

// maxChanges is how many changes a watcher may fall behind before Take returns All.
const maxChanges = 200_000

// Changes are what one or more commits touched. A reader reads the state itself for current values.
type Changes struct {
	All        bool     // everything may have changed: too many changes, or the state was replaced
	Jobs       []uint64 // numbers of jobs whose definition or next instant changed, or that were deleted
	Launches   []uint64 // launches that wait for a target
	Executions []dkron.ExecutionKey
	Reruns     bool // a rerun began, continued or ended
	Deliveries bool // there is more to deliver
	Access     bool // policies or tokens changed
	Alerts     bool // of rules, alerts, channels or messages
	Audit      bool // there are more records
}

func (c *Changes) add(other *Changes) {
	c.All = c.All || other.All || len(c.Jobs)+len(c.Executions)+len(c.Launches) > maxChanges
	if c.All {
		*c = Changes{All: true}
		return
	}
	c.Reruns, c.Deliveries, c.Access, c.Alerts = c.Reruns || other.Reruns, c.Deliveries || other.Deliveries, c.Access || other.Access, c.Alerts || other.Alerts
	c.Audit = c.Audit || other.Audit
	c.Jobs = append(c.Jobs, other.Jobs...)
	c.Launches = append(c.Launches, other.Launches...)
	c.Executions = append(c.Executions, other.Executions...)
}

// Watcher collects changes for one reader. The state never waits for it.
type Watcher struct {
	// C holds a token when there is something to take.
	C chan struct{}

	feed *feed
	mu   sync.Mutex // guards the fields below
	seen Changes
}

// Take returns what changed since the last call.
func (w *Watcher) Take() Changes {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := w.seen
	w.seen = Changes{}
	return seen
}

// Close ends the watch.
func (w *Watcher) Close() {
	w.feed.mu.Lock()
	defer w.feed.mu.Unlock()
	delete(w.feed.watchers, w)
}

type feed struct {
	access   atomic.Uint64 // see Store.AccessEdits
	mu       sync.Mutex    // guards watchers
	watchers map[*Watcher]struct{}
}

// Watch starts to collect changes. The first Take returns All, so that a reader starts from the current state.
func (s *Store) Watch() *Watcher {
	w := &Watcher{C: make(chan struct{}, 1), feed: &s.feed, seen: Changes{All: true}}
	w.C <- struct{}{}
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if s.feed.watchers == nil {
		s.feed.watchers = make(map[*Watcher]struct{})
	}
	s.feed.watchers[w] = struct{}{}
	return w
}

func (f *feed) publish(c *Changes) {
	if c.All || c.Access {
		f.access.Add(1)
	}
	if !c.All && !c.Reruns && !c.Deliveries && !c.Access && !c.Alerts && !c.Audit && len(c.Jobs)+len(c.Launches)+len(c.Executions) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.watchers {
		w.mu.Lock()
		w.seen.add(c)
		w.mu.Unlock()
		select {
		case w.C <- struct{}{}:
		default:
		}
	}
}
