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
// taken, chosen by rnd. But a value that a node has as it is means that value, whatever it ends in. No tags match every
// node.
func Targets(nodes []Node, tags map[string]string, rnd *rand.Rand) []string {
	limit := math.MaxInt
	wanted := wishes(nodes, tags)
	for _, w := range wanted {
		limit = min(limit, w.limit)
	}
	names := matching(nodes, wanted)
	if limit < len(names) {
		rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		names = names[:max(limit, 0)]
	}
	slices.Sort(names)
	return names
}

// Matching returns the names of all nodes that a job with these tags may run on, whatever the counts in them.
func Matching(nodes []Node, tags map[string]string) []string {
	return matching(nodes, wishes(nodes, tags))
}

// wish is what a job wants of a node's tag: the value, and how many nodes at most are taken.
type wish struct {
	key, value string
	limit      int
}

// wishes reads a job's tags. Whether what looks like a count is one depends on the values that nodes have.
func wishes(nodes []Node, tags map[string]string) []wish {
	list := make([]wish, 0, len(tags))
	for key, text := range tags {
		w := wish{key, text, math.MaxInt}
		value, n, counted := splitCount(text)
		if counted && !slices.ContainsFunc(nodes, w.matches) {
			w.value, w.limit = value, n
		}
		list = append(list, w)
	}
	return list
}

func (w wish) matches(n Node) bool {
	have, ok := n.Tags[w.key]
	return ok && have == w.value
}

func matching(nodes []Node, wanted []wish) []string {
	var names []string
	for _, n := range nodes {
		if !slices.ContainsFunc(wanted, func(w wish) bool { return !w.matches(n) }) {
			names = append(names, n.Name)
		}
	}
	return names
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
