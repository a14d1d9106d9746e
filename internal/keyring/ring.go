package keyring

import (
	"log/slog"
	"slices"
	"strings"
	"sync"

	"dkron"
)

// maxKeys is how many keys a node has at most: each is tried for every message.
const maxKeys = 8

// Gossip uses the keys.
type Gossip interface {
	// SetKeys replaces the keys. The first encrypts, all decrypt. There must have been one before.
	SetKeys(keys [][]byte) error
}

// Ring is the keys of this node. It is safe for concurrent use.
type Ring struct {
	path    string
	setting string // what the setting encrypt was at the start
	log     *slog.Logger

	mu     sync.Mutex // guards what follows
	keys   [][]byte   // replaced, never changed
	gossip Gossip     // nil until Begin
}

// Open returns the keys with which a node starts: those that an earlier change has left in the file at path, or those of the setting
// encrypt. The file counts for as long as the setting is what it was when the file was written, or is empty: so a key that was
// removed does not come back with a restart, and who changes the setting is heeded.
func Open(path string, setting [][]byte, log *slog.Logger) (*Ring, error) {
	r := &Ring{path: path, setting: digest(setting), log: log, keys: setting}
	saved, err := read(path, log)
	switch {
	case err != nil:
		return nil, err
	case saved == nil:
	case len(setting) > 0 && saved.Setting != r.setting:
		log.Warn("the setting encrypt was changed after the keys of gossip had been changed with dkron keys: the setting counts, and the file is removed",
			"file", path, "keys", strings.Join(IDs(setting), " "), "keys_before", strings.Join(IDs(saved.Keys), " "))
		return r, remove(path)
	default:
		r.keys = saved.Keys
		if !same(saved.Keys, setting) {
			log.Info("the keys of gossip are those that dkron keys has left in a file; the setting encrypt has others: put the present one there",
				"file", path, "keys", strings.Join(IDs(saved.Keys), " "), "encrypt", strings.Join(IDs(setting), " "))
		}
	}
	return r, nil
}

// Keys returns the keys. The first encrypts, all decrypt; without any, gossip is not encrypted.
func (r *Ring) Keys() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys
}

// Begin is called once gossip uses the keys, and before the first change.
func (r *Ring) Begin(g Gossip) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gossip = g
}

// Change does what a server asks for, and returns the keys that the node then has. What is done already is done again without
// effect, so that a command can be repeated.
func (r *Ring) Change(c *Change) (*Keys, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keys) == 0 && c.Act != List {
		return nil, errPlain()
	}
	next, err := r.after(c)
	if err != nil {
		return nil, err
	}
	if !same(next, r.keys) {
		if err := r.apply(next); err != nil {
			return nil, dkron.Error(dkron.ErrUnavailable, "the keys of gossip could not be changed: %w", err)
		}
		r.log.Info("the keys of gossip have changed", "act", c.Act, "key", c.ID, "keys", strings.Join(IDs(next), " "))
	}
	return &Keys{IDs(r.keys)}, nil
}

// errPlain says why keys can't be changed in a cluster that has none.
func errPlain() error {
	return dkron.Conflict("gossip is not encrypted on this node: it has no key. Encryption begins with the setting encrypt on all nodes; " +
		"in a running cluster encrypt-mode takes it there step by step, as the guide's page on security says")
}

// after returns the keys that the node has after a change.
func (r *Ring) after(c *Change) ([][]byte, error) {
	i := index(r.keys, c.ID)
	switch c.Act {
	case List:
		return r.keys, nil
	case Install:
		return r.withNew(c)
	case Use:
		if i < 0 {
			return nil, dkron.Conflict("this node does not have the key %s: install it first", c.ID)
		}
		return append([][]byte{r.keys[i]}, slices.Delete(slices.Clone(r.keys), i, i+1)...), nil
	case Remove:
		if i == 0 {
			return nil, dkron.Conflict("this node encrypts with the key %s: use another one first", c.ID)
		}
		if i < 0 {
			return r.keys, nil
		}
		return slices.Delete(slices.Clone(r.keys), i, i+1), nil
	}
	return nil, dkron.Invalid("act: this version does not know %.32q, want list, install, use or remove", c.Act)
}

func (r *Ring) withNew(c *Change) ([][]byte, error) {
	key, err := unseal(r.keys, c.Sealed)
	if err != nil {
		return nil, dkron.Error(dkron.ErrConflict, "%w", err)
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	switch {
	case index(r.keys, ID(key)) >= 0:
		return r.keys, nil
	case len(r.keys) >= maxKeys:
		return nil, dkron.Conflict("this node has %d keys, and more are not allowed: remove one first", len(r.keys))
	}
	return append(slices.Clip(r.keys), key), nil
}

// apply saves keys before it uses them, so that a restart never brings former ones back.
func (r *Ring) apply(keys [][]byte) error {
	before, err := snapshot(r.path)
	if err != nil {
		return err
	}
	if err := write(r.path, file{Keys: keys, Setting: r.setting}); err != nil {
		return err
	}
	if err := r.gossip.SetKeys(keys); err != nil {
		_ = before.restore(r.path)
		return err
	}
	r.keys = keys
	return nil
}
