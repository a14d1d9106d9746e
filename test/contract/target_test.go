package contract

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// where runs a job with tags and returns the nodes that it ran on.
func (s *site) where(n string, tags job, count int) string {
	s.t.Helper()
	s.create(n, shell("true").with(job{"tags": tags}))
	s.run(n)
	var nodes []string
	for _, e := range s.finished(n, count) {
		nodes = append(nodes, e.NodeName)
	}
	slices.Sort(nodes)
	return strings.Join(nodes, " ")
}

func TestTagsSelectNodes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		servers := world.nodes[:3]
		for i, c := range []struct {
			tags job
			want []string
		}{
			{nil, world.nodes},
			{job{"server": "true"}, servers},
			{job{"node": "s2"}, []string{"s2"}},
			{job{"server": "true", "node": "s3"}, []string{"s3"}},
			{job{"pool": "agents"}, []string{world.agent}},
			{job{"region": "global", "pool": "agents"}, []string{world.agent}},
			{job{"server": "true:10"}, servers},
			{job{"role": "dkron", "dc": "dc1", "server": "true"}, servers},
		} {
			nodes := append([]string(nil), c.want...)
			slices.Sort(nodes)
			if got := s.where("a"+string(rune('a'+i)), c.tags, len(nodes)); got != strings.Join(nodes, " ") {
				t.Errorf("%v ran on %s, want %v", c.tags, got, nodes)
			}
		}
	})
}

func TestTagsThatMatchNoNode(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for i, tags := range []job{
			{"node": "S1"}, {"node": "none"}, {"nothing": "x"}, {"server": "true", "pool": "agents"}, {"region": "elsewhere"}, {"Server": "true"},
			{"server": "true:0"}, {"server": "true:-1"}, {"server": "true:x"}, {"server": "true:"},
			{"server": "true:1:2"}, // Q24: the value is true:1
		} {
			n := "a" + string(rune('a'+i))
			s.create(n, shell("true").with(job{"tags": tags}))
			s.post(s.path(n, "/run"), "").want(404)
			if got := len(s.executions(n)); got != 0 {
				t.Errorf("%v: %d executions", tags, got)
			}
		}
	})
}

// Q24
func TestTagValuesWithAColonAreTriedAsTheyAreFirst(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		var members []struct{ Tags map[string]string }
		s.get("/v1/members").want(200).decode(&members)
		for _, m := range members {
			if m.Tags["node"] == "s1" {
				if got := s.where("a", job{"rpc_addr": m.Tags["rpc_addr"]}, 1); got != "s1" {
					t.Errorf("ran on %s", got)
				}
				if got := s.where("b", job{"rpc_addr": m.Tags["rpc_addr"] + ":1"}, 1); got != "s1" {
					t.Errorf("with a count: ran on %s", got)
				}
			}
		}
	})
}

func TestTheLowestCountLimitsTheNodes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for n, c := range map[string]struct {
			tags job
			want int
		}{
			"one": {job{"server": "true:1"}, 1}, "two": {job{"server": "true:2"}, 2}, "lowest": {job{"server": "true:3", "role": "dkron:2"}, 2},
		} {
			nodes := strings.Fields(s.where(n, c.tags, c.want))
			if len(slices.Compact(nodes)) != c.want {
				t.Errorf("%v ran on %v", c.tags, nodes)
			}
		}
	})
}

func TestNodesAreChosenAgainForEveryRun(t *testing.T) {
	begin(t)
	t.Parallel()
	through(t, 1, func(t *testing.T, s *site) {
		s.create("a", shell("true").with(job{"tags": job{"server": "true:1"}}))
		seen := map[string]bool{}
		for i := 0; i < 60 && len(seen) < 3; i++ { // all three within 60 runs except in one case in 10^10
			s.run("a")
			list := s.finished("a", min(i+1, 100))
			seen[list[len(list)-1].NodeName] = true
		}
		if len(seen) != 3 {
			t.Errorf("only on %v", seen)
		}
	})
}

func TestAScheduledRunWithoutANodeLeavesNoExecution(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true").with(job{"schedule": "@every 1s", "tags": job{"pool": "none"}}))
		s.create("witness", shell("true").with(job{"schedule": "@every 1s"}))
		s.finished("witness", 2)
		s.get(s.path("a", "/executions")).want(200).wantBody("[]")
	})
}

func TestAllExecutionsOfATriggerShareItsGroup(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.where("a", nil, len(world.nodes))
		s.run("a")
		groups := map[int64]int{}
		for _, e := range s.finished("a", 2*len(world.nodes)) {
			groups[e.Group]++
			if at := time.Unix(0, e.Group); e.StartedAt.Sub(at).Abs() > within {
				t.Errorf("group %d is %v, started at %v", e.Group, at, e.StartedAt)
			}
		}
		if len(groups) != 2 {
			t.Errorf("groups %v", groups)
		}
		for g, n := range groups {
			if n != len(world.nodes) {
				t.Errorf("group %d has %d executions", g, n)
			}
		}
	})
}
