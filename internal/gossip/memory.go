package gossip

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dkron/internal/roster"
)

const (
	// refreshEvery is how often a node looks for changes that serf makes without an event, and saves who is alive.
	refreshEvery = time.Second
	// memoryLimit is how many addresses of members a node saves.
	memoryLimit = 256
)

// memory is the addresses of live members, in a file next to serf's snapshot. Serf writes a member to its snapshot only
// with a later event, so a node that is killed soon after it joined would not find the others again.
type memory struct {
	path  string // empty: none
	saved []string
}

func memoryPath(snapshot string) string { return filepath.Join(filepath.Dir(snapshot), "peers") }

func openMemory(snapshot string) *memory {
	m := new(memory)
	if snapshot == "" {
		return m
	}
	m.path = memoryPath(snapshot)
	if data, err := os.ReadFile(m.path); err == nil {
		m.saved = strings.Fields(string(data))
	}
	return m
}

// save replaces the file if the addresses have changed. Without any it keeps the old ones: this node is cut off. A torn
// file costs time, not correctness.
func (m *memory) save(addrs []string) error {
	slices.Sort(addrs)
	addrs = addrs[:min(len(addrs), memoryLimit)]
	if m.path == "" || len(addrs) == 0 || slices.Equal(addrs, m.saved) {
		return nil
	}
	tmp := m.path + ".tmp"
	if err := os.WriteFile(tmp, []byte(strings.Join(addrs, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	if err := os.Rename(tmp, m.path); err != nil {
		return err
	}
	m.saved = addrs
	return nil
}

// refresh takes over statuses that serf has changed without an event, such as of a member that left and came back before
// its leave was forgotten, and saves who is alive. It reports whether it found a change.
func (p *Pool) refresh() (changed bool) {
	var alive []string
	for _, m := range p.serf.Members() {
		if known, ok := p.roll.get(m.Name); ok && known.Status != roster.Status(m.Status) {
			p.roll.note(Event{Kind: MemberUpdated, Member: memberOf(m)})
			changed = true
		}
		if roster.Status(m.Status) == roster.Alive && m.Name != p.self.name {
			alive = append(alive, memberOf(m).Endpoint())
		}
	}
	if err := p.memory.save(alive); err != nil {
		p.log.Warn("could not save the addresses of other nodes; after a crash this node may not find them", "error", err)
	}
	return changed
}
