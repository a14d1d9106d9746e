package gossip

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
)

// maxRefused bounds the addresses that are remembered; a few are the rule.
const maxRefused = 1024

// refuse notes members that were kept out.
func (p *Pool) refuse(members []Member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusals++
	if p.refused == nil || len(p.refused) > maxRefused {
		p.refused = make(map[string]struct{})
	}
	for _, m := range members {
		p.refused[net.JoinHostPort(m.Addr, strconv.Itoa(m.Port))] = struct{}{}
	}
}

func (p *Pool) refusalCount() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refusals
}

// strange reports whether a node that is kept out has answered at an address. Those of an earlier process are not worth
// being tried again then: the address has been given to somebody else.
func (p *Pool) strange(addr string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.refused[addr]
	return ok
}

// Forget removes the snapshot of an earlier process, so that the node finds none of its peers again.
func Forget(snapshot string) error {
	if err := os.Remove(snapshot); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the peers from before: %w", err)
	}
	return nil
}
