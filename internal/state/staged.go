package state

import "dkron/internal/codec"

// Parts that are stored until a later log entry uses all of them, for one purpose at a time.

// PutStaged stores a part.
func (tx *Tx) PutStaged(id, part uint64, m codec.Message) error {
	return tx.put(tableStaged, key(id, part), m)
}

// HasStaged reports whether a part is stored.
func (tx *Tx) HasStaged(id, part uint64) bool {
	return tx.bolt.Bucket(tableStaged).Get(key(id, part)) != nil
}

// Staged reads a stored part.
func (tx *Tx) Staged(id, part uint64, m codec.Message) error {
	return tx.get(tableStaged, key(id, part), m)
}

// DropStaged removes all stored parts.
func (tx *Tx) DropStaged() error {
	c := tx.bolt.Bucket(tableStaged).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.First() {
		if err := tx.remove(tableStaged, k); err != nil {
			return err
		}
	}
	return nil
}
