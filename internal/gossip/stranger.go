package gossip

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
)

// maxRefused bounds the addresses that are remembered; usually there are few.
const maxRefused = 1024

// refuse records members that were refused.
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

// strange reports whether a refused node has answered at an address. Peers from before a restart are then not tried
// there again: the address now belongs to another node.
func (p *Pool) strange(addr string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.refused[addr]
	return ok
}

// Forget removes what an earlier process has saved of its peers, so that the node does not look for those peers again.
func Forget(snapshot string) error {
	for _, path := range []string{snapshot, memoryPath(snapshot)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget the peers from before: %w", err)
		}
	}
	return nil
}
