package consensus

import (
	"testing"

	"github.com/hashicorp/raft"
)

func TestOfLargeEntriesTheNewestIsCached(t *testing.T) {
	c := newLogCache(cacheMaxBytes)
	var got raft.Log
	put := func(index uint64, size int) {
		c.put([]*raft.Log{{Index: index, Term: index, Data: make([]byte, size)}})
	}
	put(1, 10)
	put(2, cacheMaxEntry+1)
	if !c.get(1, &got) || !c.get(2, &got) || got.Term != 2 {
		t.Error("an entry is missing")
	}
	put(3, 10)
	if c.get(2, &got) || !c.get(3, &got) || c.get(0, &got) {
		t.Error("a large entry is kept that is not the newest")
	}
	put(4, cacheMaxEntry+1)
	c.remove(4, 9)
	if c.get(4, &got) {
		t.Error("an entry that was removed is kept")
	}
}
