package dkron

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Targets returns the names of the nodes that a job with these tags runs on, in order of name. Every tag must be there
// with exactly its value. A value may end in ":n"; the lowest n of all tags is how many of the matching nodes are
// taken, chosen by rnd. No tags match every node.
func Targets(nodes []Node, tags map[string]string, rnd *rand.Rand) []string {
	limit := math.MaxInt
	for _, value := range tags {
		if _, n, counted := splitCount(value); counted {
			limit = min(limit, n)
		}
	}
	names := Matching(nodes, tags)
	if limit < len(names) {
		rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		names = names[:max(limit, 0)]
	}
	slices.Sort(names)
	return names
}

// Matching returns the names of all nodes that a job with these tags may run on, whatever the counts in them.
func Matching(nodes []Node, tags map[string]string) []string {
	var names []string
	for i := range nodes {
		if matches(&nodes[i], tags) {
			names = append(names, nodes[i].Name)
		}
	}
	return names
}

func matches(n *Node, tags map[string]string) bool {
	for key, want := range tags {
		have, ok := n.Tags[key]
		if !ok {
			return false
		}
		value, _, counted := splitCount(want)
		if have != want && (!counted || have != value) {
			return false
		}
	}
	return true
}

// splitCount takes "value:count" apart. A value whose part behind the last colon is no number has no count, so that
// values with colons can be matched; one that ends in a colon and nothing or a word matches nothing else than itself.
func splitCount(value string) (string, int, bool) {
	i := strings.LastIndexByte(value, ':')
	if i < 0 {
		return value, 0, false
	}
	n, err := strconv.Atoi(value[i+1:])
	if err != nil {
		return value, 0, false
	}
	return value[:i], n, true
}
