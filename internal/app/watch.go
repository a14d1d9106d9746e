package app

import "sync"

// bell wakes all who listen.
type bell struct {
	mu   sync.Mutex // guards rung
	rung chan struct{}
}

// next returns a channel that is closed when the bell is rung next.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}

// bells tell httpapi what changes in the cluster beside the log.
type bells struct{ members, leader bell }

// MembersChanged returns a channel that is closed when members come, go or change next.
func (b *bells) MembersChanged() <-chan struct{} { return b.members.next() }

// LeaderChanged returns a channel that is closed when this server next hears of another leader, or of none.
func (b *bells) LeaderChanged() <-chan struct{} { return b.leader.next() }
