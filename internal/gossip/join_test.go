package gossip

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/memberlist"

	"dkron/internal/roster"
)

func TestAConflictAtOneOfSeveralAddressesIsFound(t *testing.T) {
	first, other := start(t, "same"), start(t, "other")
	second := start(t, "same")
	_, err := second.Join([]string{other.cfg.BindAddr, first.cfg.BindAddr})
	var conflict *ConflictError
	if !errors.As(err, &conflict) || conflict.Other != first.cfg.BindAddr {
		t.Errorf("join: %v", err)
	}
	first.wantOpen(t)
}

func TestANewcomerOfThisNodesNameHarmsNoJoinOfItsOwn(t *testing.T) {
	first, second := start(t, "same"), start(t, "same")
	end := first.joining.begin() // as if a join took long
	// Not by second.Join: that ends the second node, perhaps before the first has asked whether it answers.
	newcomer := *second.serf.Memberlist().LocalNode()
	var conflict *ConflictError
	if err := (names{pool: first.Pool, own: "same"}).NotifyMerge([]*memberlist.Node{&newcomer}); !errors.As(err, &conflict) {
		t.Errorf("merge: %v", err)
	}
	refused := end()
	if len(refused) != 1 || refused[0].Other != second.cfg.BindAddr {
		t.Errorf("refused %v", refused)
	}
	if own := cause(refused, errors.New("no such host")); own != nil {
		t.Errorf("a join that failed for another reason ends the node: %v", own)
	}
	first.wantOpen(t)
}

func (n *node) wantOpen(t *testing.T) {
	t.Helper()
	select {
	case err := <-n.Done():
		t.Errorf("%s ended: %v", n.cfg.NodeName, err)
	default:
	}
}

// The library does not read tags for its hooks, so that this package does; here it shows if the library changes how it writes them.
func TestTagsAreReadAndWrittenAsByTheLibrary(t *testing.T) {
	for _, want := range []map[string]string{{"role": "dkron", "größe": strings.Repeat("x", 300), "": "", "n": "1"}, {}} {
		n := start(t, "a", func(c *Config) { c.Tags = want })
		meta := n.serf.Memberlist().LocalNode().Meta
		if got := tagsOf(meta); !maps.Equal(got, want) {
			t.Errorf("read %v, want %v", got, want)
		}
		own, err := metaOf(want)
		if got := tagsOf(own); err != nil || !maps.Equal(got, want) || len(own) != len(meta) { // in any order
			t.Errorf("written %d bytes, the library %d: %v, %v", len(own), len(meta), got, err)
		}
	}
	if got := tagsOf([]byte("web")); !maps.Equal(got, map[string]string{"role": "web"}) {
		t.Errorf("of an old node: %v", got)
	}
	if got := tagsOf([]byte{tagsMagic, 0xff, 1}); len(got) != 0 {
		t.Errorf("of garbage: %v", got)
	}
}

func TestWhatCannotBeAMemberIsRefused(t *testing.T) {
	for _, n := range []*memberlist.Node{{Name: "a", Addr: []byte{1, 2, 3}}, {Name: "a", Addr: []byte{127, 0, 0, 1}, Meta: make([]byte, 600)}} {
		if m, err := memberOfNode(n); err == nil {
			t.Errorf("%+v is taken as %+v", n, m)
		}
	}
	m, err := memberOfNode(&memberlist.Node{Name: "a", Addr: []byte{127, 0, 0, 1}, Port: 7, State: memberlist.StateLeft})
	if err != nil || m.Status != roster.Left || m.Endpoint() != "127.0.0.1:7" {
		t.Errorf("%+v, %v", m, err)
	}
}
