package dkron

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Reach is the members of the cluster by how the leader can reach them.
type Reach struct {
	Live   []Node // connected to the leader by a stream: they can be given orders
	Coming []Node // alive, and the leader has not yet found out whether they answer; that takes seconds at most
	Away   []Node // all others that have not left: the leader can't reach them
}

// Choice is the nodes that a launch runs on, and what is known of others that it was meant for.
type Choice struct {
	Nodes     []string // in order of name
	Unreached uint64   // how many more would have been chosen if the leader reached them
	Missing   []string // the first of the candidates for those, at most maxMissing
	Wait      bool     // one of those is coming: wait for it
	Hope      bool     // one of those is alive
}

// maxMissing bounds the names stored with a launch: there may be many launches of many nodes.
const maxMissing = 10

// Choose returns where a job with these tags runs. A node must have every tag with exactly its value. A value may end
// in ":n"; the lowest n of all tags is how many of the matching nodes are chosen, at random by rnd. If a node has the
// whole value, ":n" included, it means that value and no count. No tags match every node.
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

// Matching returns the names of all nodes that a job with these tags may run on, ignoring counts.
func Matching(nodes []Node, tags map[string]string) []string {
	return matching(nodes, wishes(tags, nodes))
}

// wish is what a job requires of a node's tag: the value, and how many nodes at most are chosen.
type wish struct {
	key, value string
	limit      int
}

// wishes reads a job's tags. Whether a suffix is a count depends on the values that nodes have.
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

// splitCount splits "value:count". If the part after the last colon is not a number there is no count, so that values
// with colons can be matched.
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
