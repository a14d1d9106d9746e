package gossip

import (
	"fmt"
	"maps"
	"net"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/hashicorp/memberlist"
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

// memberOfNode is a member as another node publishes it: it is not known here yet, so that its status is roster.Left or
// roster.None. It refuses what can't be a member, as serf's own hook would.
func memberOfNode(n *memberlist.Node) (Member, error) {
	if len(n.Addr) != net.IPv4len && len(n.Addr) != net.IPv6len {
		return Member{}, fmt.Errorf("the address of member %q has %d bytes, want 4 or 16", n.Name, len(n.Addr))
	}
	if len(n.Meta) > memberlist.MetaMaxSize {
		return Member{}, fmt.Errorf("member %q publishes %d bytes of tags, %d are allowed", n.Name, len(n.Meta), memberlist.MetaMaxSize)
	}
	m := Member{
		Name: n.Name, Addr: n.Addr.String(), Port: int(n.Port), Tags: tagsOf(n.Meta),
		ProtocolMin: int(n.PMin), ProtocolMax: int(n.PMax), ProtocolCur: int(n.PCur),
		DelegateMin: int(n.DMin), DelegateMax: int(n.DMax), DelegateCur: int(n.DCur),
	}
	if n.State == memberlist.StateLeft {
		m.Status = roster.Left
	}
	return m, nil
}

func membersOf(nodes []*memberlist.Node) (list []Member, err error) {
	list = make([]Member, len(nodes))
	for i, n := range nodes {
		if list[i], err = memberOfNode(n); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// tagsMagic is the first byte of tags that are written as msgpack. Without it, serf publishes the tag role alone.
const tagsMagic = 255

// tagsOf reads the tags that serf publishes. What can't be read is no tag.
func tagsOf(meta []byte) map[string]string {
	tags := make(map[string]string)
	if len(meta) == 0 || meta[0] != tagsMagic {
		tags["role"] = string(meta)
		return tags
	}
	_ = codec.NewDecoderBytes(meta[1:], new(codec.MsgpackHandle)).Decode(&tags)
	return tags
}

// metaOf writes tags as serf publishes them.
func metaOf(tags map[string]string) ([]byte, error) {
	var msgpack []byte
	if err := codec.NewEncoderBytes(&msgpack, new(codec.MsgpackHandle)).Encode(tags); err != nil {
		return nil, fmt.Errorf("encode tags: %w", err)
	}
	return append([]byte{tagsMagic}, msgpack...), nil
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

// Legacy returns the name that the kind has in the metrics of v4.
func (k Kind) Legacy() string {
	if k < MemberJoined || k > MemberReaped {
		return "unknown"
	}
	return [...]string{"join", "update", "leave", "failed", "reap"}[k-1]
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
