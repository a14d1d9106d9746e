package dispatch

import (
	"cmp"
	"slices"

	"dkron"
)

// setLoad keeps what a node reports until its stream ends.
func (f *Fleet) setLoad(name string, l *link, load *dkron.NodeLoad) {
	load.Node = name
	f.mu.Lock()
	defer f.mu.Unlock()
	l.load = load
}

// Loads returns the latest load of each attached node that has reported one, ordered by name. It is empty on a server
// that does not lead.
func (f *Fleet) Loads() []dkron.NodeLoad {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []dkron.NodeLoad
	for _, l := range f.links {
		if l.load != nil {
			out = append(out, *l.load)
		}
	}
	slices.SortFunc(out, func(a, b dkron.NodeLoad) int { return cmp.Compare(a.Node, b.Node) })
	return out
}
