package consensus

import (
	"sync"

	"github.com/hashicorp/raft"
)

const (
	cacheSlots    = 4 * appendEntries // a power of two
	cacheMaxBytes = 16 << 20
	cacheMaxEntry = 64 << 10
)

// logCache keeps the newest entries, so that replication and Apply don't read back what was just written. It is bounded
// in entries and in bytes, and large entries are never kept. An entry is in the slot of its index.
type logCache struct {
	maxBytes int

	mu    sync.RWMutex // guards what follows
	slots []raft.Log   // Index 0: empty
	bytes int
	last  uint64 // of the newest entry put
	low   uint64 // no entry below it is cached
}

func newLogCache(maxBytes int) *logCache {
	return &logCache{maxBytes: maxBytes, slots: make([]raft.Log, cacheSlots)}
}

func (c *logCache) slot(index uint64) *raft.Log { return &c.slots[index%cacheSlots] }

func (c *logCache) get(index uint64, into *raft.Log) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if s := c.slot(index); s.Index == index && index != 0 {
		*into = *s
		return true
	}
	return false
}

// put adds entries that have been stored. Their indexes ascend.
func (c *logCache) put(logs []*raft.Log) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range logs {
		c.drop(c.slot(l.Index))
		c.last = l.Index
		if len(l.Data) > cacheMaxEntry {
			continue
		}
		if c.bytes == 0 || l.Index < c.low {
			c.low = l.Index
		}
		*c.slot(l.Index) = *l
		c.bytes += size(l)
	}
	if c.last >= cacheSlots {
		c.low = max(c.low, c.last-cacheSlots+1)
	}
	for ; c.bytes > c.maxBytes && c.low <= c.last; c.low++ {
		if s := c.slot(c.low); s.Index == c.low {
			c.drop(s)
		}
	}
}

// remove forgets the entries from first to last.
func (c *logCache) remove(first, last uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.slots {
		if s := &c.slots[i]; s.Index >= first && s.Index <= last {
			c.drop(s)
		}
	}
}

func (c *logCache) drop(s *raft.Log) {
	if s.Index != 0 {
		c.bytes -= size(s)
		*s = raft.Log{}
	}
}

// size counts a fixed part, so that empty entries count too.
func size(l *raft.Log) int { return len(l.Data) + len(l.Extensions) + 96 }
