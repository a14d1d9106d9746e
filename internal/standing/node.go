package standing

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/roster"
)

// Node is a member of the cluster and how busy it is.
type Node struct {
	Name   string `json:"name"`
	Region string `json:"region"`
	Status string `json:"status"` // as gossip sees it
	Server bool   `json:"server"`
	Load   *Load  `json:"load"` // nil if the leader has no stream to it, or has not heard of its load yet
}

// Load is how busy a node is. What a node can't measure, or has not yet, is nil.
type Load struct {
	MeasuredAt time.Time `json:"measured_at"` // by the node's clock
	Running    uint64    `json:"running"`
	Waiting    uint64    `json:"waiting"`     // on the node, because max_running run
	MaxRunning *uint64   `json:"max_running"` // nil: no limit

	CPUs        *float64 `json:"cpus"`
	CPUPercent  *float64 `json:"cpu_percent"` // of all cpus
	MemoryUsed  *uint64  `json:"memory_used"` // bytes
	MemoryTotal *uint64  `json:"memory_total"`
	Load1       *float64 `json:"load_1"`
	Load5       *float64 `json:"load_5"`
	Load15      *float64 `json:"load_15"`

	High []High `json:"high"`
}

// High is a figure that is too high, and since when.
type High struct {
	What  dkron.HighWhat `json:"what"`
	Since time.Time      `json:"since"`
}

// Nodes returns the members of all regions, ordered by name. The leader knows the load of those in its region.
func (s *Standing) Nodes(ctx context.Context) []Node {
	loads, err := s.Servers.NodeLoads(ctx)
	if errors.Is(err, dkron.ErrNoLeader) { // or this server leads
		loads = s.Loads.Loads()
	}
	return newNodes(s.View.Members(), s.View.Region(), loads)
}

func newNodes(members []roster.Member, region string, loads []dkron.NodeLoad) []Node {
	known := make(map[string]*dkron.NodeLoad, len(loads))
	for i := range loads {
		known[loads[i].Node] = &loads[i]
	}
	out := make([]Node, 0, len(members))
	for _, m := range members {
		n := Node{Name: m.Name, Region: m.Region(), Status: m.Status.String(), Server: m.IsServer()}
		if l := known[m.Name]; l != nil && n.Region == region {
			n.Load = newLoad(l)
		}
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b Node) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Region, b.Region)) })
	return out
}

func newLoad(l *dkron.NodeLoad) *Load {
	out := &Load{MeasuredAt: l.At.UTC(), Running: l.Running, Waiting: l.Waiting, High: []High{}}
	if l.MaxRunning > 0 {
		out.MaxRunning = &l.MaxRunning
	}
	if l.CPUs > 0 {
		percent := float64(l.CPU*1000/l.CPUs) / 10
		out.CPUs, out.CPUPercent = units(l.CPUs), &percent
	}
	if l.MemoryTotal > 0 {
		out.MemoryUsed, out.MemoryTotal = &l.MemoryUsed, &l.MemoryTotal
	}
	if len(l.Averages) == 3 {
		out.Load1, out.Load5, out.Load15 = units(l.Averages[0]), units(l.Averages[1]), units(l.Averages[2])
	}
	for _, h := range l.High {
		out.High = append(out.High, High{What: h.What, Since: h.Since.UTC()})
	}
	return out
}

// units converts thousandths.
func units(milli uint64) *float64 {
	n := float64(milli) / 1000
	return &n
}
