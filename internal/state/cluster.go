package state

// Cluster returns the id of the cluster, empty if it has none yet.
func (tx *Tx) Cluster() string { return tx.meta.Cluster }

// SetCluster gives the cluster its id.
func (tx *Tx) SetCluster(id string) { tx.meta.Cluster, tx.named = id, true }

// Cluster returns the id of the cluster, empty if it has none yet.
func (s *Store) Cluster() (id string, err error) {
	err = s.View(func(tx *Tx) error {
		id = tx.Cluster()
		return nil
	})
	return id, err
}
