package gossip

import (
	"slices"
	"sync"

	"github.com/hashicorp/serf/serf"
)

// roll is the members by name, as of serf's last event, for frequent readers. Results share the members' tags.
type roll struct {
	mu      sync.RWMutex // guards what follows
	members map[string]Member
	reaped  []Member        // members that were given up, the latest ones
	before  []string        // addresses of peers from before a restart
	busy    map[string]bool // members that are being looked for
}

func newRoll(before []string) *roll {
	return &roll{members: make(map[string]Member), before: before, busy: make(map[string]bool)}
}

// note applies an event.
func (r *roll) note(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reaped = slices.DeleteFunc(r.reaped, func(m Member) bool { return m.Name == e.Member.Name })
	if e.Kind == MemberReaped {
		delete(r.members, e.Member.Name)
		if r.reaped = append(r.reaped, e.Member); len(r.reaped) > maxRemembered {
			r.reaped = r.reaped[1:]
		}
		return
	}
	r.members[e.Member.Name] = e.Member
}

func (r *roll) get(name string) (Member, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	m, ok := r.members[name]
	return m, ok
}

// maxBusy bounds the members that are looked for at once.
const maxBusy = 16

// claim reports whether the caller may look for a member; release ends the claim.
func (r *roll) claim(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[name] || len(r.busy) >= maxBusy {
		return false
	}
	r.busy[name] = true
	return true
}

func (r *roll) release(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, name)
}

// all returns the members, in no particular order.
func (r *roll) all() []Member {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]Member, 0, len(r.members))
	for _, m := range r.members {
		list = append(list, m)
	}
	return list
}

func eventOf(kind serf.EventType, m serf.Member) Event {
	return Event{Kind: kinds[kind], Member: memberOf(m)}
}

// Member returns a member by its name, if it is known. Its tags must not be changed. The call is cheap.
func (p *Pool) Member(name string) (Member, bool) { return p.roll.get(name) }
