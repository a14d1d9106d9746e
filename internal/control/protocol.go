package control

import (
	"context"
	"errors"
	"sync"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/compat"
)

// askAgain is how long the answer counts that a server does not know a protocol yet.
const askAgain = time.Second

var errAsking = errors.New("the servers are being asked")

// refusal is the last time that servers were asked for a protocol which one of them does not know.
type refusal struct {
	mu   sync.Mutex // guards what follows
	need uint64
	at   time.Time
	err  error
}

func (r *refusal) recent(need uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.need == need && time.Since(r.at) < askAgain {
		return r.err
	}
	return nil
}

func (r *refusal) note(need uint64, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.need, r.at, r.err = need, time.Now(), err
	return err
}

// reach makes sure that every server knows a protocol before anything is written that needs it. When that is so for the
// first time, the cluster agrees on the protocol: from then on no server of an older version is let in, and this one does
// not ask again. Its error names a server that has to be upgraded first.
func (c *Control) reach(ctx context.Context, need uint64) error {
	agreed, err := c.state.Agreed()
	if err != nil || need <= agreed.Protocol {
		return err
	}
	if err := c.refused.recent(need); err != nil && !errors.Is(err, errAsking) {
		return err
	}
	return c.ask(ctx, need)
}

// ask asks all servers, and has the cluster agree on the protocol if they know it.
func (c *Control) ask(ctx context.Context, need uint64) error {
	lowest, server, err := c.log.Lowest(ctx)
	if err != nil {
		return c.refused.note(need, err)
	}
	if lowest < need {
		return c.refused.note(need, dkron.Error(dkron.ErrUnavailable,
			"server %s speaks protocol %d, and this needs %d on all servers; upgrade it and try again", server, lowest, need))
	}
	data := command.Encode(&command.Agree{Protocol: need, Release: compat.Release})
	_, _, err = c.send(ctx, data)
	return err
}

// protocolOfHealth is the protocol from which on servers note what a job's health depends on; see state.Tx.NotesHealth.
const protocolOfHealth = 2

// KeepAgreed has the cluster agree on what the health of jobs needs as soon as all servers know it, while this server leads.
func (c *Control) KeepAgreed(ctx context.Context) error {
	for !c.known(ctx, protocolOfHealth) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(askAgain):
		}
	}
	<-ctx.Done()
	return nil
}

// known reports whether the cluster has agreed on a protocol. If not, it lets the servers be asked, at most once in
// askAgain, and waits for none of them: what is due can't wait.
func (c *Control) known(ctx context.Context, need uint64) bool {
	agreed, err := c.state.Agreed()
	if err != nil || agreed.Protocol >= need {
		return err == nil
	}
	if c.refused.recent(need) == nil {
		_ = c.refused.note(need, errAsking)
		go func() {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			_ = c.ask(ctx, need)
		}()
	}
	return false
}
