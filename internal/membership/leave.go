package membership

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/roster"
)

// leaveRetry is the pause before another attempt to leave Raft's configuration.
const leaveRetry = 100 * time.Millisecond

// leave hands over leadership and leaves Raft's configuration. It returns why this server stays in it, "" if it has left.
// announced is the error of Departure.announce.
func (m *Membership) leave(ctx context.Context, d *Departure, announced error) (kept string) {
	for {
		var err error
		kept, err = m.quit(ctx, d.forGood.Load(), announced)
		if err == nil {
			break
		}
		kept = "it could not be removed: " + err.Error()
		select {
		case <-time.After(leaveRetry):
			continue
		case <-ctx.Done():
		}
		break
	}
	if kept == "" {
		m.log.Info("this server has left Raft's configuration, or was not in it")
		return ""
	}
	m.log.Info("this server stays in Raft's configuration", "why", kept)
	if d.forGood.Load() {
		m.log.Warn("it counts as a voter until the leader removes it, which the leader does on its own while there is a majority",
			"or", "dkron raft remove-peer --peer-id "+m.Name)
		if err := d.announce(d.decide()); err != nil { // the first announcement may have said that it comes back
			m.log.Warn("could not tell the others that this server has left for good", "error", err)
		}
	}
	return kept
}

// quit is one attempt to leave Raft's configuration. An error asks for another.
func (m *Membership) quit(ctx context.Context, forGood bool, announced error) (kept string, err error) {
	servers, err := m.Raft.Servers()
	if err != nil {
		return "", err
	}
	own, in := roster.Find(servers, m.Name)
	if !in {
		return "", nil
	}
	others := voters(servers, m.View.Members(), m.Name)
	if own.Voter {
		if !forGood {
			m.askWhoStops(ctx, others)
		}
		kept = stays(others, forGood)
	}
	switch {
	case kept == "" && announced != nil && !forGood:
		kept = fmt.Sprintf("could not tell the others that it is stopping, and they may be stopping too: %v", announced)
	case kept != "" && len(others) > 0 && inFlux(others):
		return "", errors.New(kept) // another server is leaving right now: look again
	}
	if m.Log.Leads() == nil {
		m.handOver(ctx, others)
	}
	if kept != "" {
		return kept, nil
	}
	return "", m.removeSelf(ctx)
}

func (m *Membership) removeSelf(ctx context.Context) (err error) {
	if m.Log.Leads() == nil { // nobody would take over: a leader can take itself out
		_, err = m.remove(ctx, m.Name) // one removal at a time: another server may be leaving through this one
	} else {
		_, err = m.ask(ctx, PeerRequest{ID: m.Name, Direct: true})
	}
	if errors.Is(err, dkron.ErrNotFound) {
		return nil // an earlier attempt was successful after all
	}
	return err
}
