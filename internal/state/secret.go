package state

import (
	"bytes"
	"maps"
	"slices"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/secret"
)

// Secret returns a stored secret, or ErrNotFound.
func (tx *Tx) Secret(name string) (*dkron.Secret, error) {
	return one[dkron.Secret](tx, tableSecret, []byte(name), name)
}

// Secrets returns all stored secrets by name.
func (tx *Tx) Secrets() ([]*dkron.Secret, error) { return all[dkron.Secret](tx, tableSecret) }

// PutSecret stores a secret.
func (tx *Tx) PutSecret(s *dkron.Secret) error { return tx.put(tableSecret, []byte(s.Name), s) }

// RemoveSecret removes a secret.
func (tx *Tx) RemoveSecret(name string) error { return tx.remove(tableSecret, []byte(name)) }

// Users is what refers to a secret, by name.
type Users struct{ Jobs, Channels []string }

// SecretUsers returns what refers to each secret that something refers to. It reads all jobs, and decodes only those that may refer to one.
func (tx *Tx) SecretUsers() (map[string]Users, error) {
	users := make(map[string]Users)
	c := tx.bolt.Bucket(tableJob).Cursor()
	for k, raw := c.First(); k != nil; k, raw = c.Next() {
		if !secret.MaybeIn(raw) {
			continue
		}
		j := new(dkron.Job)
		if err := codec.Decode(bytes.Clone(raw), j); err != nil {
			return nil, err
		}
		for _, name := range secret.In(j.ExecutorConfig) {
			u := users[name]
			u.Jobs = append(u.Jobs, j.Name)
			users[name] = u
		}
	}
	channels, err := tx.StoredChannels()
	if err != nil {
		return nil, err
	}
	for _, one := range channels {
		for _, name := range secret.Names(slices.Collect(maps.Values(one.Settings))...) {
			u := users[name]
			u.Channels = append(u.Channels, one.Name)
			users[name] = u
		}
	}
	return users, nil
}
