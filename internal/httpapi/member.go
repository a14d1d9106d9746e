package httpapi

import (
	"net/http"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/roster"
)

// MemberStatus is the status of a member in the cluster.
type MemberStatus int

// The statuses of a member.
const (
	MemberNone MemberStatus = iota
	MemberAlive
	MemberLeaving
	MemberLeft
	MemberFailed
)

func (s MemberStatus) String() string {
	switch s {
	case MemberAlive:
		return "alive"
	case MemberLeaving:
		return "leaving"
	case MemberLeft:
		return "left"
	case MemberFailed:
		return "failed"
	}
	return "none"
}

// Member is a node as clients read it.
type Member struct {
	Name        string
	Addr        string // IP
	Port        int    // gossip
	Tags        map[string]string
	Status      MemberStatus
	ProtocolMin int
	ProtocolMax int
	ProtocolCur int
	DelegateMin int
	DelegateMax int
	DelegateCur int

	ID         string `json:"id,omitempty"`         // a UUID that never changes; only in the list
	StatusText string `json:"statusText,omitempty"` // set here; only in the list
}

// MemberOf returns a member as clients read it.
func MemberOf(m roster.Member) Member {
	return Member{
		Name: m.Name, Addr: m.Addr, Port: m.Port, Tags: m.Public(), ID: m.ID(), Status: MemberStatus(m.Status),
		ProtocolMin: m.ProtocolMin, ProtocolMax: m.ProtocolMax, ProtocolCur: m.ProtocolCur,
		DelegateMin: m.DelegateMin, DelegateMax: m.DelegateMax, DelegateCur: m.DelegateCur,
	}
}

// MembersOf returns members as clients read them.
func MembersOf(members []roster.Member) (out []Member) {
	for _, m := range members {
		out = append(out, MemberOf(m))
	}
	return out
}

func (a *api) getMembers(w http.ResponseWriter, r *http.Request) error {
	members := a.Cluster.Members()
	list := make([]Member, 0, len(members))
	for _, m := range members {
		m.StatusText = m.Status.String()
		list = append(list, m)
	}
	return respond.List(w, r, len(list), list)
}

func (a *api) getLeader(w http.ResponseWriter, r *http.Request) error {
	m, ok := a.Cluster.Leader()
	if !ok {
		return dkron.ErrNoLeader
	}
	m.ID, m.StatusText = "", ""
	return respond.JSON(w, r, http.StatusOK, m)
}

// getIsLeader is for load balancers: its status is the answer.
func (a *api) getIsLeader(w http.ResponseWriter, r *http.Request) error {
	if !a.Cluster.IsLeader() {
		return respond.JSON(w, r, http.StatusNotFound, "I am a follower")
	}
	return respond.JSON(w, r, http.StatusOK, "I am a leader")
}

func (a *api) leave(w http.ResponseWriter, r *http.Request) error { return leave(a.Cluster, w, r) }

func leave(node Node, w http.ResponseWriter, r *http.Request) error {
	if err := node.Leave(r.Context()); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, struct{}{})
}
