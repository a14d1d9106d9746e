package gossip

import (
	"slices"
	"strings"
	"sync"
)

// joining tells a join of this node from one of another node: the library calls NotifyMerge for both and does not say
// for which. It puts the hook's error into that of the join, but leaves it out if another address has answered.
type joining struct {
	own sync.Mutex // held while this node joins: one join at a time

	mu      sync.Mutex       // guards what follows
	active  bool             // this node joins
	refused []*ConflictError // in the meantime, some perhaps for joins of other nodes
}

// begin comes before a join of this node; the end that it returns comes after it.
func (j *joining) begin() (end func() []*ConflictError) {
	j.own.Lock()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.active, j.refused = true, nil
	return func() []*ConflictError {
		j.mu.Lock()
		defer j.mu.Unlock()
		defer j.own.Unlock()
		j.active = false
		return j.refused
	}
}

// refuse notes a conflict for the join of this node that runs. It reports whether one does.
func (j *joining) refuse(conflict *ConflictError) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.active {
		j.refused = append(j.refused, conflict)
	}
	return j.active
}

// join joins addrs. If one of them knows another node of this node's name, the pool ends.
func (p *Pool) join(addrs []string) (int, error) {
	n, refused, err := p.attempt(addrs)
	own := cause(refused, err)
	if err == nil && len(refused) > 0 && len(addrs) > 1 { // find out which address it was, if any
		for _, addr := range addrs {
			_, again, alone := p.attempt([]string{addr})
			if own = cause(again, alone); own != nil {
				break
			}
		}
	}
	if own != nil {
		p.end(own)
		return n, own
	}
	for _, c := range refused {
		p.reportConflict(c)
	}
	return n, err
}

func (p *Pool) attempt(addrs []string) (n int, refused []*ConflictError, err error) {
	end := p.joining.begin()
	n, err = p.serf.Join(addrs, true)
	return n, end(), err
}

// cause returns the conflict because of which a join failed, nil if it is for another reason. The library hands the text
// of a hook's error on, but not the error.
func cause(refused []*ConflictError, err error) *ConflictError {
	i := slices.IndexFunc(refused, func(c *ConflictError) bool { return err != nil && strings.Contains(err.Error(), c.Error()) })
	if i < 0 {
		return nil
	}
	return refused[i]
}

// reportConflict is about a conflict in which the other node gives way.
func (p *Pool) reportConflict(c *ConflictError) {
	p.log.Error("another node with this node's name was refused; give it another --node-name", "name", c.Name, "other", c.Other)
}
