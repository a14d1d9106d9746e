package state

// Agreement is the protocol that all servers of the cluster have announced at some time, and that was needed then: what it
// has introduced may be in the log. It never goes down.
type Agreement struct {
	Protocol uint64
	By       string // the release that proposed it
}

// Agreed returns what the cluster has agreed on.
func (tx *Tx) Agreed() Agreement { return Agreement{tx.meta.Protocol, tx.meta.ProtocolBy} }

// Agree raises the protocol of the cluster.
func (tx *Tx) Agree(a Agreement) {
	if a.Protocol > tx.meta.Protocol {
		tx.meta.Protocol, tx.meta.ProtocolBy = a.Protocol, a.By
	}
}

// Agreed returns what the cluster has agreed on.
func (s *Store) Agreed() (a Agreement, err error) {
	err = s.View(func(tx *Tx) error {
		a = tx.Agreed()
		return nil
	})
	return a, err
}

// NotesHealth reports whether all servers keep what a job's health depends on. Replicas must write the same: one of an
// older version would not.
func (tx *Tx) NotesHealth() bool { return tx.meta.Protocol >= 2 }
