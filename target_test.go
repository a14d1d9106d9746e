package dkron_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"dkron"
)

func TestAValueThatANodeHasIsNotReadAsACount(t *testing.T) {
	var nodes []dkron.Node
	for name, addr := range map[string]string{"a": "10.0.0.1:0", "b": "fd00::1", "c": "fd00::2", "d": "fd00:", "e": "web", "f": "web", "g": "x:3"} {
		nodes = append(nodes, dkron.Node{Name: name, Tags: map[string]string{"addr": addr, "all": "yes"}})
	}
	for tag, want := range map[string]string{
		"10.0.0.1:0": "a", "fd00::1": "b", "fd00::2": "c", "fd00:": "d", "fd00::3": "d", "fd00::1:1": "b", "fd00::1:0": "", "10.0.0.1:0:1": "a",
		"web:2": "e f", "web:0": "", "web:-1": "", "x:3": "g", "x": "", "10.0.0.1": "",
	} {
		tags := map[string]string{"addr": tag, "all": "yes:5"}
		if got := strings.Join(dkron.Targets(nodes, tags, rand.New(rand.NewPCG(1, 2))), " "); got != want {
			t.Errorf("%s runs on %q, want %q", tag, got, want)
		}
	}
	for range 10 { // the lowest count of all tags counts
		tags := map[string]string{"addr": "fd00::1", "all": "yes:0"}
		if got := dkron.Targets(nodes, tags, rand.New(rand.NewPCG(rand.Uint64(), 2))); len(got) > 0 {
			t.Errorf("runs on %v", got)
		}
	}
	if got := fmt.Sprint(dkron.Matching(nodes, map[string]string{"addr": "fd00::1"})); got != "[b]" {
		t.Errorf("matching are %s", got)
	}
}
