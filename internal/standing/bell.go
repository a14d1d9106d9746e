package standing

import "sync"

// Bell wakes all who listen. The zero value is ready.
type Bell struct {
	mu   sync.Mutex // guards rung
	rung chan struct{}
}

// Next returns a channel that is closed when the bell is rung next.
func (b *Bell) Next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

// Ring wakes those who listen now.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}

// Bells ring for what changes in the cluster besides the log.
type Bells struct{ Members, Leader Bell }

// MembersChanged returns a channel that is closed when members come, go or change next.
func (b *Bells) MembersChanged() <-chan struct{} { return b.Members.Next() }

// LeaderChanged returns a channel that is closed when this server next hears of another leader, or of none.
func (b *Bells) LeaderChanged() <-chan struct{} { return b.Leader.Next() }
