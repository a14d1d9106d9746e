package gossip

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/hashicorp/serf/serf"

	"dkron/internal/roster"
)

// A node was killed and comes back at another address. The others still consider it alive at its old one, or have only
// just noticed that it is not; until then, and for a while after, memberlist rejects its news. So the node announces on
// behalf of its former self that it has left, by a short-lived second memberlist. Then every node, also one of an older
// version, accepts the new address at once.
//
// Some nodes may not receive that, such as one that has moved at the same time. When they hear of the new address, they
// find out which address answers, and make the announcement to themselves: see compare.

const (
	// strangerTime is how long no node may answer to this node's name at an address that this node never had, before
	// this node takes over the name.
	strangerTime = 5 * time.Second
	// ownTime is how long others leave it at least to a member that has moved to announce that. They do not begin together.
	ownTime = 2 * time.Second
	// formerLimit is how many addresses of its own a node remembers.
	formerLimit = 64
	// viaLimit is how many nodes are informed directly.
	viaLimit = 5
)

// announcements is when a node that has moved announces its address again: some nodes may hear of its departure late.
var announcements = []time.Duration{time.Second, 3 * time.Second}

// takeOver makes the others accept this node at its present address, while they consider it alive at ip:port, where no
// node answers. others is the nodes that reported this.
func (p *Pool) takeOver(ip net.IP, port uint16, others []string) {
	if !p.taking.TryLock() {
		return
	}
	defer p.taking.Unlock()
	old := net.JoinHostPort(ip.String(), strconv.Itoa(int(port)))
	if !p.former.has(old) && !p.staysSilent(ip, port) {
		return
	}
	p.log.Info("the others see this node at an address that it no longer has; telling them its address", "old", old,
		"new", p.self.endpoint())
	ctx, cancel := context.WithTimeout(context.Background(), 3*knockLimit)
	defer cancel()
	via, err := knock(ctx, others)
	if len(via) == 0 {
		p.log.Warn("could not tell any node that this one has moved; trying again later", "error", err)
		return
	}
	via = via[:min(len(via), viaLimit)]
	if err := p.farewell(p.serf.LocalMember(), ip, port, via, p.self.endpoint()); err != nil {
		p.log.Warn("could not tell the others that this node has moved; they accept its new address once its old one "+
			"counts as failed", "error", err)
	}
	if _, err := p.Join(via); err != nil {
		p.log.Warn("could not join again after this node has moved; trying again", "error", err)
	}
	for _, pause := range announcements {
		select {
		case <-p.stop:
			return
		case <-time.After(pause):
		}
		if err := p.serf.Memberlist().UpdateNode(time.Second); err != nil {
			p.log.Debug("could not announce this node's address again", "error", err)
		}
	}
}

// staysSilent reports whether no node answers to this node's name at ip:port for strangerTime.
func (p *Pool) staysSilent(ip net.IP, port uint16) bool {
	for began := time.Now(); time.Since(began) < strangerTime; {
		select {
		case <-p.stop:
			return false
		case <-time.After(strangerTime / 10):
		}
		if p.answers(ip, port) {
			return false
		}
	}
	return true
}

// compare is called with what another node reports of a member. If the addresses differ, the one where the member
// answers counts.
func (p *Pool) compare(m Member) {
	known, ok := p.roll.get(m.Name)
	if !ok || known.Status == roster.Left || at(known, m) || !p.roll.claim(m.Name) {
		return
	}
	p.background(func() {
		defer p.roll.release(m.Name)
		p.follow(known, m)
	})
}

// at reports whether m and other have the same address.
func at(m, other Member) bool { return m.Addr == other.Addr && m.Port == other.Port }

// where returns the member's address.
func where(m Member) (net.IP, uint16) { return net.ParseIP(m.Addr), uint16(m.Port) }

// follow accepts the new address of a member that answers there and no longer at the old one.
func (p *Pool) follow(known, m Member) {
	select {
	case <-p.ready:
	case <-p.stop:
		return
	}
	now, port := where(m)
	old, oldPort := where(known)
	if !p.answersTo(m.Name, now, port) || p.answersTo(m.Name, old, oldPort) {
		return
	}
	select { // the member itself does better: what several nodes announce for it at a time can make it look lost again
	case <-p.stop:
		return
	case <-time.After(ownTime + rand.N(ownTime)):
	}
	if latest, ok := p.roll.get(m.Name); !ok || at(latest, m) {
		return
	}
	p.log.Info("a member has moved", "member", m.Name, "old", known.Endpoint(), "new", m.Endpoint())
	for _, n := range p.serf.Members() {
		if n.Name == m.Name && (n.Status == serf.StatusAlive || n.Status == serf.StatusLeaving) { // no one keeps the name of another
			if err := p.farewell(n, old, oldPort, []string{p.self.endpoint()}, m.Endpoint()); err != nil {
				p.log.Warn("could not accept the new address of a member; trying again when gossip reports it next", "member", m.Name, "error", err)
			}
			break
		}
	}
	if _, err := p.Join([]string{m.Endpoint()}); err != nil {
		p.log.Debug("could not join a member that has moved", "member", m.Name, "error", err)
	}
}

// farewell announces for a node's former self, which was at ip:port, that it has left. It informs the nodes at via, and
// last the node itself, at present.
func (p *Pool) farewell(self serf.Member, ip net.IP, port uint16, via []string, present string) error {
	ml, err := p.cfg.memberlist()
	if err != nil {
		return err
	}
	ml.Keyring = p.ring // the keys may have changed since the start
	// With its own transport it can use any port and still announce the old one.
	if ml.Transport, err = memberlist.NewNetTransport(&memberlist.NetTransportConfig{BindAddrs: []string{ml.BindAddr}, Logger: ml.Logger}); err != nil {
		return fmt.Errorf("open a port: %w", err)
	}
	ml.Name, ml.AdvertiseAddr, ml.AdvertisePort = self.Name, ip.String(), int(port)
	ml.ProtocolVersion = self.ProtocolCur
	ml.DelegateProtocolMin, ml.DelegateProtocolMax, ml.DelegateProtocolVersion = self.DelegateMin, self.DelegateMax, self.DelegateCur
	meta, err := metaOf(self.Tags)
	if err != nil {
		return err
	}
	ml.Delegate = formerSelf{meta}
	done := &gone{name: self.Name, old: net.JoinHostPort(ip.String(), strconv.Itoa(int(port)))}
	ml.Merge = done
	ghost, err := memberlist.Create(ml)
	if err != nil {
		return err
	}
	defer func() { _ = ghost.Shutdown() }()
	// The first round finds out how recent its news must be to count. In the second it is alive for all: a node that
	// has already failed can't leave.
	for range 2 {
		if via, err = inform(ghost, via); err != nil || len(via) == 0 {
			return err
		}
	}
	done.leaves.Store(true)
	_ = ghost.Leave(time.Millisecond) // the following lines send the news
	_, err = ghost.Join(via)
	// The news of the departure must be older than all further news of this node.
	_, own := ghost.Join([]string{present})
	return errors.Join(err, own)
}

// inform has a former self join the nodes at via, and returns those to which its departure would be news. Its error says why
// there is none if another reason than that was found.
func inform(ghost *memberlist.Memberlist, via []string) (news []string, err error) {
	var wrong []error
	for _, addr := range via {
		switch _, err := ghost.Join([]string{addr}); {
		case err == nil:
			news = append(news, addr)
		case !strings.Contains(err.Error(), errGone.Error()): // memberlist keeps the text alone
			wrong = append(wrong, err)
		}
	}
	if len(news) > 0 {
		return news, nil
	}
	return nil, errors.Join(wrong...)
}

var errGone = errors.New("the former self has already left")

// gone ends the exchange of a former self with a node that no longer has it at its old address: the node itself and all
// that hear of its new address announce its departure, at about the same time. A former self that heard of its departure
// by another one would deny that, with news that are more recent than those of the new address.
type gone struct {
	name, old string
	leaves    atomic.Bool // from then on it denies nothing
}

// NotifyMerge is called with the members that a node knows.
func (g *gone) NotifyMerge(peers []*memberlist.Node) error {
	for _, n := range peers {
		if n.Name == g.name && !g.leaves.Load() && (n.State == memberlist.StateLeft || n.State != memberlist.StateDead && n.Address() != g.old) {
			return errGone
		}
	}
	return nil
}

// formerSelf is a delegate without any messages of its own, except what this node is.
type formerSelf struct{ meta []byte }

func (f formerSelf) NodeMeta(int) []byte           { return f.meta }
func (formerSelf) NotifyMsg([]byte)                {}
func (formerSelf) GetBroadcasts(_, _ int) [][]byte { return nil }
func (formerSelf) LocalState(bool) []byte          { return nil }
func (formerSelf) MergeRemoteState([]byte, bool)   {}

// here reports whether this node itself would answer at ip:port: it may listen on all addresses of its host.
func (c Config) here(ip net.IP, port uint16) bool {
	bind, own, err := splitAddr(c.BindAddr)
	if err != nil || own != int(port) || !net.ParseIP(bind).IsUnspecified() {
		return false
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return ip.IsLoopback() || slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip)
	})
}

func endpoints(members []Member, own string) (list []string) {
	for _, m := range members {
		if m.Name != own && m.Status != roster.Left {
			list = append(list, m.Endpoint())
		}
	}
	return list
}

// neighbours returns the addresses of live members.
func (p *Pool) neighbours() (list []string) {
	for _, m := range p.roll.all() {
		if m.Status == roster.Alive && m.Name != p.self.name {
			list = append(list, m.Endpoint())
		}
	}
	return list
}

// former is the addresses that this node has had, the present one included, stored in a file next to serf's snapshot.
type former struct {
	path string // empty: none

	mu    sync.Mutex // guards addrs
	addrs []string   // oldest first
}

func openFormer(snapshot string) *former {
	f := new(former)
	if snapshot == "" {
		return f
	}
	f.path = filepath.Join(filepath.Dir(snapshot), "addresses")
	data, err := os.ReadFile(f.path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		f.addrs = strings.Fields(string(data))
	}
	return f
}

func (f *former) has(addr string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.addrs, addr)
}

// add records the present address. A torn file costs time, not correctness.
func (f *former) add(addr string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.addrs); n > 0 && f.addrs[n-1] == addr {
		return nil
	}
	f.addrs = append(slices.DeleteFunc(f.addrs, func(a string) bool { return a == addr }), addr)
	f.addrs = f.addrs[max(0, len(f.addrs)-formerLimit):]
	if f.path == "" {
		return nil
	}
	tmp := f.path + ".tmp"
	if err := os.WriteFile(tmp, []byte(strings.Join(f.addrs, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, f.path)
}
