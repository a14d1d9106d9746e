package identity

import (
	"cmp"
	"time"

	"dkron"
	"dkron/internal/compat"
)

// misfit is the last node of a version that can't work together with this one.
type misfit struct {
	text string
	at   time.Time
}

// Speak returns an ErrForeign if a node speaks no protocol that this one speaks, and reports it.
func (g *Guard) Speak(via, who string, w compat.Window) error {
	return g.misfits(via, who, w.Check(who))
}

// SpeakRaft is Speak for a server that wants to be part of the cluster: it must also know the protocol on which the cluster
// has agreed.
func (g *Guard) SpeakRaft(server string, w compat.Window) error {
	who := "server " + cmp.Or(server, "without a name")
	err := w.Check(who)
	if err == nil && g.agreed != nil {
		agreed, by := g.agreed()
		err = w.CheckAgreed(who, agreed, by)
	}
	return g.misfits(ViaRaft, who, err)
}

// misfits reports a node that was refused for its version: to the log once an hour, to the metric each time.
func (g *Guard) misfits(via, who string, why error) error {
	if why == nil {
		return nil
	}
	g.count(via)
	g.mu.Lock()
	now, key := g.now(), "version of "+who
	last, known := g.seen[key]
	if !known && len(g.seen) >= maxStrangers {
		clear(g.seen)
	}
	if !known || now.Sub(last) >= remindAfter {
		known, g.seen[key] = false, now
	}
	g.odd = misfit{why.Error(), now}
	g.mu.Unlock()
	if !known {
		g.log.Warn("a node was refused because of its version", "other", who, "via", via, "why", why)
	}
	return dkron.Error(dkron.ErrForeign, "%w", why)
}

// speaking returns those of the members that another node knows which speak a protocol that this node speaks. It is an
// ErrForeign if there are none.
func (g *Guard) speaking(peers []Peer) (some []Peer, err error) {
	for _, p := range peers {
		if compat.Own().Meets(p.Speaks) {
			some = append(some, p)
		}
	}
	if len(some) == 0 && len(peers) > 0 {
		return nil, g.Speak(ViaGossip, "node "+peers[0].Name, peers[0].Speaks)
	}
	return some, nil
}
