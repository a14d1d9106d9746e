package consensus

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/raft"
)

// NameError says that the data directory belongs to another server: no configuration in it has this node's name.
type NameError struct {
	ID    string   // of this node
	Names []string // of the servers that were ever in a configuration
}

func (e *NameError) Error() string {
	belongs, start := "the server "+e.Names[0], "--node-name="+e.Names[0]
	if len(e.Names) > 1 {
		belongs, start = "one of the servers "+strings.Join(e.Names, ", "), "--node-name and the one that it had"
	}
	return fmt.Sprintf("this data directory belongs to %s; start with %s, or give the node %s a --data-dir of its own: the others then "+
		"send it what they have", belongs, start, e.ID)
}

// checkName returns a *NameError if the node had another name. A server that has left the cluster is not in the present
// configuration, but in an earlier one.
func (n *Node) checkName() error {
	f := n.raft.GetConfiguration()
	if err := f.Error(); err != nil || !n.HasState() {
		return err
	}
	seen := make(map[string]bool)
	note := func(c raft.Configuration) {
		for _, s := range c.Servers {
			seen[string(s.ID)] = true
		}
	}
	if note(f.Configuration()); seen[n.cfg.ID] {
		return nil
	}
	snapshots, err := n.snapshots.List()
	if err != nil {
		return fmt.Errorf("list snapshots: %w", err)
	}
	for _, s := range snapshots {
		note(s.Configuration)
	}
	if err := n.eachConfiguration(note); err != nil {
		return err
	}
	if seen[n.cfg.ID] || len(seen) == 0 {
		return nil
	}
	return &NameError{ID: n.cfg.ID, Names: slices.Sorted(maps.Keys(seen))}
}

// eachConfiguration reads the whole log.
func (n *Node) eachConfiguration(note func(raft.Configuration)) error {
	first, err := n.logs.FirstIndex()
	if err != nil || first == 0 {
		return err
	}
	last, err := n.logs.LastIndex()
	if err != nil {
		return err
	}
	for i := first; i <= last; i++ {
		var l raft.Log
		if err := n.logs.GetLog(i, &l); err != nil {
			return err
		}
		if l.Type == raft.LogConfiguration {
			note(raft.DecodeConfiguration(l.Data))
		}
	}
	return nil
}
