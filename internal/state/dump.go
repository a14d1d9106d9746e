package state

import (
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// Dump returns every record, for comparing two stores; a failure is part of the text.
func (s *Store) Dump() string {
	var b strings.Builder
	s.mu.RLock()
	defer s.mu.RUnlock()
	err := s.db.View(func(tx *bolt.Tx) error {
		for _, table := range tables {
			err := tx.Bucket(table).ForEach(func(k, v []byte) error {
				fmt.Fprintf(&b, "%s %q %q\n", table, k, v)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	return b.String()
}
