package gossip

import (
	"bytes"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/hashicorp/serf/serf"
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

// names is asked by serf before it accepts anything about a member.
type names struct {
	pool  *Pool
	own   string
	admit func([]Member) error // may be nil
}

// NotifyMerge is called with the members that another node knows, before they are merged, and with each single member
// of which news arrive. An error keeps them out.
func (n names) NotifyMerge(members []*serf.Member) error {
	p := n.pool
	if err := n.stranger(members); err != nil {
		return err
	}
	for _, m := range members {
		if m.Name != n.own && m.Status != serf.StatusLeft {
			p.compare(m)
		}
		if m.Name != n.own || m.Status == serf.StatusLeft {
			continue
		}
		joining, gossip := caller()
		if gossip && !p.isReady() {
			continue // this node itself, while it is created
		}
		<-p.ready
		if p.self.is(m.Addr, m.Port) {
			continue
		}
		conflict := &ConflictError{Name: m.Name, Other: net.JoinHostPort(m.Addr.String(), strconv.Itoa(int(m.Port)))}
		if gossip {
			// memberlist holds its lock, and another node's claim never overrides our own.
			p.background(func() { p.settle(conflict, m.Addr, m.Port) })
			return conflict
		}
		if !p.answers(m.Addr, m.Port) {
			others := endpoints(members, n.own)
			p.background(func() { p.takeOver(m.Addr, m.Port, others) })
			continue
		}
		if joining {
			p.end(conflict)
		} else {
			p.log.Error("another node with this node's name tries to join, refused", "name", m.Name, "other", conflict.Other)
		}
		return conflict
	}
	return nil
}

// stranger returns why members are kept out, and remembers the addresses of those that are.
func (n names) stranger(members []*serf.Member) error {
	if n.admit == nil || len(members) == 1 && n.itself(members[0]) {
		return nil
	}
	list := make([]Member, len(members))
	for i, m := range members {
		list[i] = memberOf(*m)
	}
	err := n.admit(list)
	if err != nil {
		n.pool.refuse(list)
	}
	return err
}

// itself reports whether a member is this node.
func (n names) itself(m *serf.Member) bool {
	return m.Name == n.own && (!n.pool.isReady() || n.pool.self.is(m.Addr, m.Port))
}

func (p *Pool) isReady() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// caller tells a join of ours and a single piece of gossip from a join of another node. memberlist gives no other
// hint.
func caller() (joining, gossip bool) {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		switch {
		case strings.HasSuffix(f.Function, ".(*Memberlist).Join"):
			joining = true
		case strings.HasSuffix(f.Function, ".(*Memberlist).aliveNode"):
			gossip = true
		}
		if !more {
			return joining, gossip
		}
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
