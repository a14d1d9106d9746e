package state

import "dkron/internal/codec"

// What is put aside until a later entry uses all of it. Only one thing is at a time.

// PutStaged puts a part aside.
func (tx *Tx) PutStaged(id, part uint64, m codec.Message) error {
	return tx.put(tableStaged, key(id, part), m)
}

// HasStaged reports whether a part is there.
func (tx *Tx) HasStaged(id, part uint64) bool {
	return tx.bolt.Bucket(tableStaged).Get(key(id, part)) != nil
}

// Staged reads a part that is there.
func (tx *Tx) Staged(id, part uint64, m codec.Message) error {
	return tx.get(tableStaged, key(id, part), m)
}

// DropStaged throws everything away that was put aside.
func (tx *Tx) DropStaged() error {
	c := tx.bolt.Bucket(tableStaged).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.First() {
		if err := tx.remove(tableStaged, k); err != nil {
			return err
		}
	}
	return nil
}
