package gossip

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/memberlist"

	"dkron/internal/roster"
)

// Two nodes of one name. Serf lets the nodes vote, which in a pool of two ends with both of them gone, and otherwise
// takes seconds in which the newcomer works. Here the newcomer finds out with its first join: the state that it is
// sent contains its name at an address where a node answers to it. It stops. The established node just refuses the
// newcomer's state. Only if two newcomers join at the same moment through different nodes, neither sees the other in
// time. They find out when they next exchange state with the right node, a push-pull interval or a few later; then the
// one with the higher address stops.
//
// If no node answers to the name at the other address, this node has moved: see moved.go.

const (
	probes      = 3               // of a node that holds our name, before it counts as gone
	newcomerFor = 2 * time.Minute // after its start a node is a newcomer
	settleAfter = 2 * time.Second // a newcomer that has seen the conflict by itself is gone by then
)

// ConflictError says that this node's name belongs to another one.
type ConflictError struct {
	Name  string
	Other string // host:port of the other node
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("node name %q is already in use by the node at %s; choose another --node-name", e.Name, e.Other)
}

// names is asked by the library before it accepts anything about a member. An error keeps members out.
type names struct {
	pool  *Pool
	own   string
	admit func([]Member) error // may be nil
}

// NotifyMerge implements memberlist.MergeDelegate. It is called with all members that another node knows, while this
// node joins that one or that one joins.
func (n names) NotifyMerge(nodes []*memberlist.Node) error {
	members, err := membersOf(nodes)
	if err != nil {
		return err
	}
	if err := n.stranger(members); err != nil {
		return err
	}
	p := n.pool
	for _, m := range members {
		conflict := n.compare(m)
		if conflict == nil {
			continue
		}
		<-p.ready
		if p.self.is(where(m)) {
			continue
		}
		if !p.answers(where(m)) {
			others := endpoints(members, n.own)
			ip, port := where(m)
			p.background(func() { p.takeOver(ip, port, others) })
			continue
		}
		if !p.joining.refuse(conflict) {
			p.reportConflict(conflict)
		}
		return conflict
	}
	return nil
}

// NotifyAlive implements memberlist.AliveDelegate. It is called with each single member of which news arrive, and with
// this node itself while it is created. memberlist holds its lock.
func (n names) NotifyAlive(node *memberlist.Node) error {
	m, err := memberOfNode(node)
	if err != nil {
		return err
	}
	if n.itself(m) {
		return nil
	}
	if err := n.stranger([]Member{m}); err != nil {
		return err
	}
	conflict := n.compare(m)
	if conflict == nil {
		return nil
	}
	ip, port := where(m)
	n.pool.background(func() { n.pool.settle(conflict, ip, port) })
	return conflict // another node's claim never overrides our own
}

// compare returns a conflict if a member has this node's name. Of another member, it has its address looked at.
func (n names) compare(m Member) *ConflictError {
	switch {
	case m.Status == roster.Left:
		return nil
	case m.Name != n.own:
		n.pool.compare(m)
		return nil
	}
	return &ConflictError{Name: m.Name, Other: m.Endpoint()}
}

// stranger returns why members are kept out, and remembers the addresses of those that are.
func (n names) stranger(members []Member) error {
	if n.admit == nil {
		return nil
	}
	err := n.admit(members)
	if err != nil {
		n.pool.refuse(members)
	}
	return err
}

// itself reports whether a member is this node.
func (n names) itself(m Member) bool {
	return m.Name == n.own && (!n.pool.isReady() || n.pool.self.is(where(m)))
}

func (p *Pool) isReady() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// answers probes a node that may have our name.
func (p *Pool) answers(ip net.IP, port uint16) bool {
	return !p.cfg.here(ip, port) && p.answersTo(p.self.name, ip, port) // here it would be this node itself
}

// answersTo reports whether a node answers to a name.
func (p *Pool) answersTo(name string, ip net.IP, port uint16) bool {
	for range probes {
		if _, err := p.serf.Memberlist().Ping(name, &net.UDPAddr{IP: ip, Port: int(port)}); err == nil {
			return true
		}
		select {
		case <-p.stop:
			return false
		default:
		}
	}
	return false
}

// settle decides between two newcomers.
func (p *Pool) settle(conflict *ConflictError, ip net.IP, port uint16) {
	if !p.settling.TryLock() { // one at a time; there will be more gossip
		return
	}
	defer p.settling.Unlock()
	select {
	case <-time.After(settleAfter):
	case <-p.stop:
		return
	}
	if !p.answers(ip, port) {
		others := p.neighbours()
		p.background(func() { p.takeOver(ip, port, others) })
		return
	}
	p.log.Error("another node has this node's name", "name", conflict.Name, "other", conflict.Other)
	if time.Since(p.started) < newcomerFor && p.self.above(ip, port) {
		p.end(conflict)
	}
}

// identity is what this node is known by.
type identity struct {
	name string
	ip   net.IP
	port uint16
}

func identityOf(n *memberlist.Node) identity { return identity{n.Name, n.Addr, n.Port} }

func (i identity) endpoint() string {
	return net.JoinHostPort(i.ip.String(), strconv.Itoa(int(i.port)))
}

func (i identity) is(ip net.IP, port uint16) bool { return i.ip.Equal(ip) && i.port == port }

func (i identity) above(ip net.IP, port uint16) bool {
	if c := bytes.Compare(i.ip.To16(), ip.To16()); c != 0 {
		return c > 0
	}
	return i.port > port
}
