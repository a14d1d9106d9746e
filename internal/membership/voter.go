package membership

import (
	"fmt"
	"strings"

	"dkron/internal/roster"
)

// voter is a voter of Raft's configuration as gossip shows it.
type voter struct {
	roster.Server
	alive    bool // it can acknowledge a leader's entries
	stopping roster.Stopping
}

// voters returns the voters except the one with the given name.
func voters(servers []roster.Server, members []roster.Member, except string) (out []voter) {
	seen := make(map[string]roster.Member, len(members))
	for _, m := range members {
		seen[m.Name] = m
	}
	for _, sv := range servers {
		if !sv.Voter || sv.ID == except {
			continue
		}
		m := seen[sv.ID]
		v := voter{Server: sv, alive: m.Status == roster.Alive, stopping: m.Stopping()}
		if v.stopping == "" && (m.Status == roster.Leaving || m.Status == roster.Left) {
			v.stopping = roster.ForNow // its announcement was lost; it is safer to expect it back
		}
		out = append(out, v)
	}
	return out
}

// goesOn reports whether the server is alive and not stopping.
func (v voter) goesOn() bool { return v.alive && v.stopping == "" }

// stays returns why a stopping server must stay in Raft's configuration with the other voters; empty if it leaves.
// forGood is whether it was asked to leave, not only to stop.
func stays(others []voter, forGood bool) string {
	if len(others) == 0 {
		return "it is the only voter"
	}
	if forGood {
		return uncommittable(others)
	}
	var stopping []string
	var remain, on []string
	for _, v := range others {
		switch {
		case v.stopping == roster.ForNow:
			stopping = append(stopping, v.ID)
		case v.stopping == roster.ForGood:
			continue // will not be a voter for long
		case v.goesOn():
			on = append(on, v.ID)
		}
		remain = append(remain, v.ID)
	}
	if len(stopping) > 0 {
		return "other servers stop at the same time: " + strings.Join(stopping, ", ")
	}
	if 2*len(on) <= len(remain) {
		return fmt.Sprintf("the remaining servers, %s, would not be a majority of %s", list(on), list(remain))
	}
	return uncommittable(others)
}

// uncommittable returns why a configuration of these voters could not be committed; empty if it could.
func uncommittable(voters []voter) string {
	var all, dead []string
	for _, v := range voters {
		all = append(all, v.ID)
		if !v.alive {
			dead = append(dead, v.ID)
		}
	}
	if 2*(len(all)-len(dead)) > len(all) {
		return ""
	}
	return fmt.Sprintf("of the remaining voters %s, %s can't be reached, so there would be no majority", list(all), list(dead))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// inFlux reports whether one of the voters is just leaving for good.
func inFlux(others []voter) bool {
	for _, v := range others {
		if v.alive && v.stopping == roster.ForGood {
			return true
		}
	}
	return false
}

// leavers returns the members that have left for good.
func leavers(members []roster.Member) (names []string) {
	for _, m := range members {
		if m.Status == roster.Left && m.Stopping() == roster.ForGood {
			names = append(names, m.Name)
		}
	}
	return names
}
