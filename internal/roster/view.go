package roster

import "dkron"

// View is the roster as a node of a region sees it. Regions share the gossip, and have clusters of their own.
type View struct {
	*Roster
	region  string
	foreign func(Member) bool
}

// NewView returns the view of a region's nodes. foreign reports whether a member belongs to another cluster: it became
// known before this node knew its own.
func NewView(r *Roster, region string, foreign func(Member) bool) *View {
	return &View{r, region, foreign}
}

// Members returns every known member of all regions, also those that failed or left, but not those of other clusters.
func (v *View) Members() []Member {
	all := v.All()
	out := make([]Member, 0, len(all))
	for _, m := range all {
		if !v.foreign(m) {
			out = append(out, m)
		}
	}
	return out
}

// Count returns how many of Members there are by status.
func (v *View) Count() map[Status]int {
	count := make(map[Status]int)
	for _, m := range v.Members() {
		count[m.Status]++
	}
	return count
}

// Region is the region.
func (v *View) Region() string { return v.region }

// In reports whether a member is of the region.
func (v *View) In(m Member) bool { return m.Region() == v.region }

// Nodes returns the members of the region that are alive, or failed and may come back.
func (v *View) Nodes() []dkron.Node {
	return v.nodes(func(s Status) bool { return s == Alive || s == Failed })
}

// Live returns the members of the region that are alive.
func (v *View) Live() []dkron.Node {
	return v.nodes(func(s Status) bool { return s == Alive })
}

func (v *View) nodes(wanted func(Status) bool) (out []dkron.Node) {
	for _, m := range v.All() {
		if wanted(m.Status) && v.In(m) && !v.foreign(m) {
			out = append(out, dkron.Node{
				Name: m.Name, Region: m.Region(), RPCAddr: m.RPCAddr(), Tags: m.targets(), Server: m.IsServer(),
				Alive: m.Status == Alive,
			})
		}
	}
	return out
}

// Founders returns the live servers that begin a cluster with so many servers.
func (v *View) Founders(expect int) (out []Server) {
	if expect == 0 {
		return nil
	}
	for _, m := range v.All() {
		if m.Status == Alive && v.In(m) && m.IsServer() && m.RPCAddr() != "" && m.Expect() == expect && !v.foreign(m) {
			out = append(out, Server{ID: m.Name, Address: m.RPCAddr(), Voter: true})
		}
	}
	return out
}

// Where returns the address for RPC that a server of a region published last, "" if it is not known.
func (r *Roster) Where(name, region string) string {
	m, _ := r.Member(name)
	if m.Region() != region || !m.IsServer() {
		return ""
	}
	return m.RPCAddr()
}
