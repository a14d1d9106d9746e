package cluster

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// Faults of all kinds hit random nodes, one at a time. DKRON_SEED repeats a sequence of faults, but not what they hit.
func TestRandomFaultsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	seed := time.Now().UnixNano()
	if s := os.Getenv("DKRON_SEED"); s != "" {
		seed, _ = strconv.ParseInt(s, 10, 64)
	}
	t.Logf("DKRON_SEED=%d", seed)
	rnd := rand.New(rand.NewPCG(uint64(seed), 0))
	c := Start(t, Config{Servers: 3, Agents: 2, Isolated: true})
	from := c.PutProbe(Probe{Name: "tick"})
	c.PutProbe(Probe{Name: "long", Sleep: "3", Concurrency: "forbid"})
	c.PutProbe(Probe{Name: "queued", Schedule: "*/2 * * * * *", Sleep: "1"})
	rec := c.Record("tick", "long", "queued")
	c.settle("tick", 2)
	for range times(6, 40) {
		c.strike(rnd)
		hold(time.Duration(rnd.IntN(2000)) * time.Millisecond)
	}
	c.WaitReady(60 * time.Second)
	c.settle("tick", 5)
	// An order for an unreachable agent waits for it, at most for a lease of 30 s.
	h := History{From: from.Add(time.Second), To: now(), Window: 32 * time.Second, Allow: 40 * time.Second}
	for _, job := range []string{"tick", "long", "queued"} {
		one := h
		one.Job, one.Forbid = job, job == "long"
		if job == "queued" {
			one.Every, one.From, one.To = 2*time.Second, h.From.Truncate(2*time.Second).Add(2*time.Second), h.To.Truncate(2*time.Second)
		}
		judge(t, rec.Finish(one))
	}
}

// strike lets one fault happen to one node, and ends it.
func (c *Cluster) strike(rnd *rand.Rand) {
	c.t.Helper()
	nodes := c.Nodes()
	n := nodes[rnd.IntN(len(nodes))]
	if rnd.IntN(2) == 0 {
		n = c.Leader()
	}
	long := time.Duration(200+rnd.IntN(6000)) * time.Millisecond
	switch rnd.IntN(3) {
	case 0:
		c.Event("kill %s for %v", n.Name, long)
		n.Kill()
		hold(long)
		n.Start()
	case 1:
		c.Event("pause %s for %v", n.Name, long)
		n.Pause()
		hold(long)
		n.Resume()
	case 2:
		c.Event("cut off %s for %v", n.Name, long)
		n.Cut()
		hold(long)
		n.Heal()
	}
	c.Event("%s is back", n.Name)
}
