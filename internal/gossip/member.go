package gossip

import (
	"maps"

	"github.com/hashicorp/serf/serf"

	"dkron/internal/roster"
)

// Member is a node of the pool.
type Member = roster.Member

func memberOf(m serf.Member) Member {
	return Member{
		Name: m.Name, Addr: m.Addr.String(), Port: int(m.Port), Tags: maps.Clone(m.Tags), Status: roster.Status(m.Status),
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

// Handler is given all members, this one included, when the pool opens, and after each change; several changes may come
// as one. It may take its time, and call the pool.
type Handler interface{ Set(members []Member) }

var kinds = map[serf.EventType]Kind{
	serf.EventMemberJoin:   MemberJoined,
	serf.EventMemberUpdate: MemberUpdated,
	serf.EventMemberLeave:  MemberLeft,
	serf.EventMemberFailed: MemberFailed,
	serf.EventMemberReap:   MemberReaped,
}
