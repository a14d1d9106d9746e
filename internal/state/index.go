package state

import (
	bolt "go.etcd.io/bbolt"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/index"
)

// readIndex reads every job of a database into an index.
func readIndex(db *bolt.DB) (*index.Index, error) {
	x := index.New()
	err := db.View(func(b *bolt.Tx) error {
		tx := &Tx{bolt: b}
		err := tx.OpenLaunches(0, func(l *dkron.Launch) bool {
			x.AddOpen(l)
			return true
		})
		if err != nil {
			return err
		}
		return b.Bucket(tableJob).ForEach(func(_, raw []byte) error {
			var j dkron.Job
			if err := codec.Decode(raw, &j); err != nil {
				return err
			}
			p, err := tx.Progress(j.Number)
			if err != nil {
				return err
			}
			x.Add(index.NewEntry(&j, p))
			return nil
		})
	})
	return x, err
}
