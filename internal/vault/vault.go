package vault

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/nodetls"
	"dkron/internal/secret"
	"dkron/internal/state"
)

// Vault opens the secrets of a server's state.
type Vault struct {
	Keys  *secret.Keys
	Store *state.Store
	// Protected reports whether this server refuses connections without TLS: then values go over TLS only. While a cluster changes over,
	// nodes that are without it must go on, and whoever could pretend to be one may as well write a job.
	Protected func() bool
	// Sync returns when the state has everything that was acknowledged before the call. What is refused is looked at again after that.
	Sync func(context.Context) error
}

// Value returns the value of a secret, for what only administrators write.
func (v *Vault) Value(name string) (string, error) {
	var s *dkron.Secret
	err := v.Store.View(func(tx *state.Tx) (err error) {
		s, err = tx.Secret(name)
		return err
	})
	if err != nil {
		return "", missing(name, err)
	}
	return v.Keys.Open(s.Name, s.Sealed)
}

func missing(name string, err error) error {
	if errors.Is(err, dkron.ErrNotFound) {
		return dkron.Error(dkron.ErrNotFound, "secret %s does not exist", name)
	}
	return err
}

// Answer returns the values that another node asks for. It gives a node only what an execution refers to that this node was given, and
// only by TLS if this server requires that.
//
// Errors: ErrNotFound names a secret that does not exist; ErrForbidden; ErrConflict if this server lacks a key, which
// another may have; ErrUnavailable.
func (v *Vault) Answer(ctx context.Context, caller nodetls.Peer, q *dkron.SecretQuestion) (*dkron.SecretAnswer, error) {
	switch {
	case v.Protected() && !caller.Secure:
		return nil, dkron.Error(dkron.ErrForbidden, "node %s asks for secrets without TLS, which this server requires: give that node certificates, or the join secret, too", q.Node)
	case !caller.Is(q.Node):
		return nil, dkron.Error(dkron.ErrForbidden, "%s asks for the secrets of node %s", caller, q.Node)
	}
	return v.decide(ctx, q)
}

// syncTime limits the wait for the leader.
const syncTime = 5 * time.Second

// decide answers, and refuses only by the newest state.
func (v *Vault) decide(ctx context.Context, q *dkron.SecretQuestion) (*dkron.SecretAnswer, error) {
	answer, err := v.answer(q)
	if err == nil || errors.Is(err, dkron.ErrConflict) {
		return answer, err
	}
	ctx, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	if err := v.Sync(ctx); err != nil {
		return nil, dkron.Error(dkron.ErrUnavailable, "this server may lag the leader: %w", err)
	}
	return v.answer(q)
}

func (v *Vault) answer(q *dkron.SecretQuestion) (*dkron.SecretAnswer, error) {
	var sealed []*dkron.Secret
	err := v.Store.View(func(tx *state.Tx) error {
		may, err := mayUse(tx, q)
		for i := 0; err == nil && i < len(q.Names); i++ {
			name := q.Names[i]
			if !slices.Contains(may, name) {
				return dkron.Error(dkron.ErrForbidden, "job %s does not refer to secret %.64q", q.Execution.JobName, name)
			}
			var s *dkron.Secret
			if s, err = tx.Secret(name); err != nil {
				return missing(name, err)
			}
			if !s.ServesJob(q.Execution.JobName) {
				return dkron.Error(dkron.ErrForbidden, "secret %s may not be used by job %s: it is for the jobs %s", name, q.Execution.JobName, strings.Join(s.Jobs, ", "))
			}
			sealed = append(sealed, s)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	a := new(dkron.SecretAnswer)
	for _, s := range sealed {
		text, err := v.Keys.Open(s.Name, s.Sealed)
		if err != nil {
			return nil, dkron.Error(dkron.ErrConflict, "%w", err)
		}
		a.Values = append(a.Values, dkron.SecretValue{Text: text, At: s.ValueAt})
	}
	return a, nil
}

// mayUse returns the names of the secrets that an execution may refer to.
func mayUse(tx *state.Tx, q *dkron.SecretQuestion) ([]string, error) {
	e, err := tx.Execution(q.Key)
	if err != nil && !errors.Is(err, dkron.ErrNotFound) {
		return nil, err
	}
	if err != nil || e.NodeName != q.Node || e.Unplaced || (&dkron.Order{Key: e.Key, JobName: e.JobName, Group: e.Group, Attempt: e.Attempt}).Ref() != q.Execution {
		return nil, dkron.Error(dkron.ErrForbidden, "node %s was not given attempt %d of launch %s, or it has ended", q.Node, q.Execution.Attempt,
			dkron.LaunchID(q.Execution.JobName, q.Execution.Group))
	}
	j, err := tx.Job(e.JobName)
	switch {
	case errors.Is(err, dkron.ErrNotFound) || err == nil && j.Number != e.JobNumber:
		return nil, dkron.Error(dkron.ErrForbidden, "job %s was deleted", e.JobName)
	case err != nil:
		return nil, err
	}
	l, err := tx.Launch(e.Key.Launch)
	if err != nil {
		return nil, err
	}
	names := secret.In(j.ExecutorConfig)
	if l.Change != nil {
		names = append(names, secret.In(l.Change.Env)...)
		if l.Change.Payload != nil {
			names = append(names, secret.Names(l.Change.Payload.Text)...)
		}
	}
	if allIn(q.Names, names) {
		return names, nil
	}
	before, err := replacedSince(tx, j, l)
	return append(names, before...), err
}

func allIn(wanted, names []string) bool {
	return !slices.ContainsFunc(wanted, func(n string) bool { return !slices.Contains(names, n) })
}

// replacedSince returns what definitions of a job refer to that were replaced after a launch was made: its order may have been sent
// before that.
func replacedSince(tx *state.Tx, j *dkron.Job, l *dkron.Launch) (names []string, err error) {
	versions, err := tx.Versions(j.Number)
	next := j
	for _, v := range versions {
		if next.UpdatedAt.Before(l.CreatedAt) {
			break
		}
		names, next = append(names, secret.In(v.ExecutorConfig)...), v
	}
	return names, err
}
