package dkron

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Reach is the members of the cluster as the leader reaches them.
type Reach struct {
	Live   []Node // they have a stream to the leader: orders can be given to them
	Coming []Node // alive, and the leader has not yet learned whether they answer; that takes seconds at most
	Away   []Node // all others that have not left: the leader does not reach them
}

// Choice is the nodes that a launch is to run on, and what is known of others that it was meant for.
type Choice struct {
	Nodes     []string // in order of name
	Unreached uint64   // how many more would have been taken if the leader reached them
	Missing   []string // the first of those that could have been, at most maxMissing
	Wait      bool     // one of those is coming: wait for it
	Hope      bool     // one of those is alive
}

// maxMissing bounds the names that are kept with a launch: there may be many launches of many nodes.
const maxMissing = 10

// Choose returns where a job with these tags is to run. Every tag must be there with exactly its value. A value may end
// in ":n"; the lowest n of all tags is how many of the matching nodes are taken, chosen by rnd. But a value that a node
// has as it is means that value, whatever it ends in. No tags match every node.
func (r *Reach) Choose(tags map[string]string, rnd *rand.Rand) Choice {
	limit := math.MaxInt
	wanted := wishes(tags, r.Live, r.Coming, r.Away)
	for _, w := range wanted {
		limit = min(limit, w.limit)
	}
	limit = max(limit, 0)
	names := matching(r.Live, wanted)
	if limit < len(names) {
		rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		names = names[:limit]
	}
	slices.Sort(names)
	c := Choice{Nodes: names}
	if room := limit - len(names); room > 0 && len(r.Coming)+len(r.Away) > 0 {
		coming, away := matching(r.Coming, wanted), matching(r.Away, wanted)
		c.Missing = append(coming, away...)
		slices.Sort(c.Missing)
		c.Wait = len(coming) > 0
		c.Hope = c.Wait || slices.ContainsFunc(r.Away, func(n Node) bool { return n.Alive && n.fits(wanted) })
		c.Unreached = uint64(min(room, len(c.Missing)))
		c.Missing = slices.Clip(c.Missing[:min(len(c.Missing), maxMissing)])
	}
	return c
}

// Targets returns the names of the nodes that a job with these tags runs on if all of them can be reached; see Choose.
func Targets(nodes []Node, tags map[string]string, rnd *rand.Rand) []string {
	r := Reach{Live: nodes}
	return r.Choose(tags, rnd).Nodes
}

// Matching returns the names of all nodes that a job with these tags may run on, whatever the counts in them.
func Matching(nodes []Node, tags map[string]string) []string {
	return matching(nodes, wishes(tags, nodes))
}

// wish is what a job wants of a node's tag: the value, and how many nodes at most are taken.
type wish struct {
	key, value string
	limit      int
}

// wishes reads a job's tags. Whether what looks like a count is one depends on the values that nodes have.
func wishes(tags map[string]string, known ...[]Node) []wish {
	list := make([]wish, 0, len(tags))
	for key, text := range tags {
		w := wish{key, text, math.MaxInt}
		value, n, counted := splitCount(text)
		if counted && !slices.ContainsFunc(known, func(nodes []Node) bool { return slices.ContainsFunc(nodes, w.matches) }) {
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

func (n Node) fits(wanted []wish) bool {
	return !slices.ContainsFunc(wanted, func(w wish) bool { return !w.matches(n) })
}

func matching(nodes []Node, wanted []wish) []string {
	var names []string
	for _, n := range nodes {
		if n.fits(wanted) {
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
