package gossip

import (
	"maps"

	"github.com/hashicorp/serf/serf"
)

// Status is the known status of a member. The numbers are part of the public API.
type Status int

const (
	StatusNone Status = iota
	StatusAlive
	StatusLeaving
	StatusLeft
	StatusFailed
)

func (s Status) String() string {
	if s < StatusNone || s > StatusFailed {
		return "unknown"
	}
	return [...]string{"none", "alive", "leaving", "left", "failed"}[s]
}

// Member is a node of the pool. Its field names are those of the public API.
type Member struct {
	Name   string
	Addr   string // IP
	Port   int
	Tags   map[string]string
	Status Status

	ProtocolMin, ProtocolMax, ProtocolCur int
	DelegateMin, DelegateMax, DelegateCur int
}

func memberOf(m serf.Member) Member {
	return Member{
		Name: m.Name, Addr: m.Addr.String(), Port: int(m.Port), Tags: maps.Clone(m.Tags), Status: Status(m.Status),
		ProtocolMin: int(m.ProtocolMin), ProtocolMax: int(m.ProtocolMax), ProtocolCur: int(m.ProtocolCur),
		DelegateMin: int(m.DelegateMin), DelegateMax: int(m.DelegateMax), DelegateCur: int(m.DelegateCur),
	}
}

// Kind says what has happened to a member.
type Kind int

const (
	MemberJoined Kind = iota + 1
	MemberUpdated
	MemberLeft
	MemberFailed
	MemberReaped // is no longer in Members
)

func (k Kind) String() string {
	if k < MemberJoined || k > MemberReaped {
		return "unknown"
	}
	return [...]string{"joined", "updated", "left", "failed", "reaped"}[k-1]
}

// Event is a change of one member, with the member as it was then.
type Event struct {
	Kind   Kind
	Member Member
}

// Handler is called after members came, went or changed, this one included; one call may cover several changes. It may
// take its time, and call the pool.
type Handler interface{ MembersChanged() }

var kinds = map[serf.EventType]Kind{
	serf.EventMemberJoin:   MemberJoined,
	serf.EventMemberUpdate: MemberUpdated,
	serf.EventMemberLeave:  MemberLeft,
	serf.EventMemberFailed: MemberFailed,
	serf.EventMemberReap:   MemberReaped,
}
