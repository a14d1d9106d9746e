package state

import (
	"errors"
	"fmt"
	"slices"

	"dkron"
)

// Rerun returns a rerun by its number, or ErrNotFound.
func (tx *Tx) Rerun(number uint64) (*dkron.Rerun, error) {
	r := new(dkron.Rerun)
	err := tx.get(tableRerun, key(number), r)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("rerun %d: %w", number, dkron.ErrNotFound)
	}
	return r, err
}

// Reruns returns the reruns that are kept, oldest first.
func (tx *Tx) Reruns() (all []*dkron.Rerun, err error) {
	err = scan(tx.bolt, tableRerun, nil, func(_ []byte, r *dkron.Rerun) bool {
		all = append(all, r)
		return true
	})
	return all, err
}

// AddRerun gives a rerun its number and stores it. The oldest that have ended go, so that at most MaxReruns are kept.
func (tx *Tx) AddRerun(r *dkron.Rerun) error {
	all, err := tx.Reruns()
	if err != nil {
		return err
	}
	r.Number = 1
	if len(all) > 0 {
		r.Number = all[len(all)-1].Number + 1 // the newest is never removed
	}
	surplus := len(all) + 1 - dkron.MaxReruns
	for _, old := range slices.DeleteFunc(all, func(o *dkron.Rerun) bool { return o.EndedAt.IsZero() }) {
		if surplus--; surplus < 0 {
			break
		}
		if err := tx.remove(tableRerun, key(old.Number)); err != nil {
			return err
		}
	}
	return tx.PutRerun(r)
}

// PutRerun stores a rerun.
func (tx *Tx) PutRerun(r *dkron.Rerun) error {
	tx.changes.Reruns = true
	return tx.put(tableRerun, key(r.Number), r)
}
