package control

import (
	"context"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
)

type actionKey struct{}

// withAction returns a context that carries what a client asked for, for the audit.
func withAction(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, actionKey{}, name)
}

const (
	// protocolOfAudit is the protocol that introduced the audit.
	protocolOfAudit = 2
	// auditWait is how long a change may wait for the servers to be asked for that protocol.
	auditWait = time.Second
)

// audited returns the entry of a command that a client asked for so that it leaves records in the audit. It returns others
// as they are: those of the leader's own work, parts of a restore, and all while a server is there that does not know the audit.
func (c *Control) audited(ctx context.Context, cmd command.Command, entry []byte) []byte {
	origin, asked := dkron.OriginOf(ctx)
	action, _ := ctx.Value(actionKey{}).(string)
	if _, part := cmd.(*command.Stage); !asked || part || action == "" {
		return entry
	}
	wait, cancel := context.WithTimeout(ctx, auditWait)
	defer cancel()
	if c.reach(wait, protocolOfAudit) != nil {
		return entry
	}
	return command.Encode(&command.Audited{Origin: origin, Action: action, Now: clock.Now(), Entry: entry})
}
