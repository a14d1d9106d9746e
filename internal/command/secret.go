package command

import (
	"errors"
	"strings"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// SetSecret stores a secret, which is sealed.
type SetSecret struct {
	Secret dkron.Secret
	Now    time.Time
	By     string
	// Reseal is the revision of the secret whose sealed form alone is replaced; 0: the value is set.
	Reseal   uint64
	KeepJobs bool // those of the secret stay
}

// Fields describes the wire form.
func (c *SetSecret) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Nested(w, 1, &c.Secret)
	w.Time(2, &c.Now)
	w.String(3, &c.By)
	w.Uint(4, &c.Reseal)
	w.Bool(5, &c.KeepJobs)
}

// Apply stores the secret and returns it.
func (c *SetSecret) Apply(tx *state.Tx) (any, error) {
	next := c.Secret
	old, err := tx.Secret(next.Name)
	switch {
	case err != nil && !errors.Is(err, dkron.ErrNotFound):
		return nil, err
	case c.Reseal > 0 && (old == nil || old.Revision != c.Reseal):
		return nil, dkron.Conflict("secret %s has been changed meanwhile", next.Name)
	case c.Reseal > 0:
		sealed := *old
		sealed.Sealed = next.Sealed
		next = sealed
	case old == nil:
		all, err := tx.Secrets()
		if err != nil {
			return nil, err
		}
		if len(all) >= dkron.MaxSecrets {
			return nil, dkron.Conflict("there are %d secrets already, and no more can be stored; remove some", len(all))
		}
		if len(next.Sealed) == 0 {
			return nil, dkron.Invalid("value is missing, and there is no secret %s that has one", next.Name)
		}
		next.Revision, next.CreatedAt, next.UpdatedAt, next.UpdatedBy, next.ValueAt = 1, c.Now, c.Now, c.By, c.Now
	default:
		next.Revision, next.CreatedAt, next.UpdatedAt, next.UpdatedBy, next.ValueAt = old.Revision+1, old.CreatedAt, c.Now, c.By, c.Now
		if len(next.Sealed) == 0 {
			next.Sealed, next.ValueAt = old.Sealed, old.ValueAt
		}
		if c.KeepJobs {
			next.Jobs = old.Jobs
		}
	}
	tx.Tick(c.Now)
	if c.Reseal > 0 {
		note(tx, dkron.AuditSecret, next.Name, "encrypted anew")
	} else {
		noteChange(tx, dkron.AuditSecret, next.Name, old, &next, withoutValue)
	}
	return &next, tx.PutSecret(&next)
}

// DeleteSecret removes a secret.
type DeleteSecret struct {
	Name  string
	Force bool // although something refers to it
	Now   time.Time
}

// Fields describes the wire form.
func (c *DeleteSecret) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Name)
	w.Bool(2, &c.Force)
	w.Time(3, &c.Now)
}

// shownUsers is how many jobs and channels an error names.
const shownUsers = 20

// Apply removes the secret.
func (c *DeleteSecret) Apply(tx *state.Tx) (any, error) {
	old, err := tx.Secret(c.Name)
	if err != nil {
		return nil, err
	}
	if !c.Force {
		users, err := tx.SecretUsers()
		if err != nil {
			return nil, err
		}
		if of := users[c.Name]; len(of.Jobs)+len(of.Channels) > 0 {
			return nil, dkron.Conflict("secret %q is used by%s%s; change or remove those first, or use force", c.Name,
				named(" the jobs ", of.Jobs), named(" the channels ", of.Channels))
		}
	}
	tx.Tick(c.Now)
	noteChange(tx, dkron.AuditSecret, c.Name, old, nil, withoutValue)
	return nil, tx.RemoveSecret(c.Name)
}

// withoutValue removes the sealed value from a copy of a secret.
func withoutValue(s *dkron.Secret) { s.Sealed = nil }

func named(what string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > shownUsers {
		names, more = names[:shownUsers], " and more"
	}
	return what + strings.Join(names, ", ") + more
}
