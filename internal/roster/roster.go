package roster

import (
	"slices"
	"sync"
)

// Roster is the members that gossip reported last. It is safe for concurrent use.
type Roster struct {
	mu       sync.RWMutex // guards what follows
	members  []Member     // replaced, never changed
	byName   map[string]Member
	watchers []func()
}

// Set replaces the members. They belong to the roster from then on.
func (r *Roster) Set(members []Member) {
	byName := make(map[string]Member, len(members))
	for _, m := range members {
		byName[m.Name] = m
	}
	r.mu.Lock()
	r.members, r.byName = members, byName
	watchers := r.watchers
	r.mu.Unlock()
	for _, fn := range watchers {
		fn()
	}
}

// Watch calls fn now and after each change. It must be quick, and may read the roster.
func (r *Roster) Watch(fn func()) {
	r.mu.Lock()
	r.watchers = append(slices.Clip(r.watchers), fn)
	r.mu.Unlock()
	fn()
}

// All returns every known member, including failed ones and those that left. The caller must not change the list.
func (r *Roster) All() []Member {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.members
}

// Member returns what is known of a node.
func (r *Roster) Member(name string) (Member, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	m, ok := r.byName[name]
	return m, ok
}

// Has reports whether a node is known.
func (r *Roster) Has(name string) bool {
	_, ok := r.Member(name)
	return ok
}
