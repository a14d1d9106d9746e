package command

import (
	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Stage stores a part of a restore that is too large for one entry. It has no effect until a Restore names it; the
// first part of another restore drops it.
type Stage struct {
	ID   uint64 // of the restore
	Part uint64 // counted from 0
	Jobs []dkron.Record
}

// Fields describes the wire form.
func (c *Stage) Fields(w *codec.Wire) {
	w.Uint(1, &c.ID)
	w.Uint(2, &c.Part)
	codec.List(w, 3, &c.Jobs)
}

// Apply stores the part.
func (c *Stage) Apply(tx *state.Tx) (any, error) {
	if c.Part == 0 {
		if err := tx.DropStaged(); err != nil {
			return nil, err
		}
	} else if !tx.HasStaged(c.ID, c.Part-1) {
		return nil, errOtherRestore
	}
	return nil, tx.PutStaged(c.ID, c.Part, &records{c.Jobs})
}

var errOtherRestore = dkron.Conflict("another restore was begun meanwhile; try again")

// records is a stored list of jobs.
type records struct{ list []dkron.Record }

func (r *records) Fields(w *codec.Wire) { codec.List(w, 1, &r.list) }

// staged returns all jobs that were stored in parts.
func staged(tx *state.Tx, id, parts uint64) (jobs []dkron.Record, err error) {
	for part := range parts {
		var r records
		if !tx.HasStaged(id, part) {
			return nil, errOtherRestore
		}
		if err := tx.Staged(id, part, &r); err != nil {
			return nil, err
		}
		jobs = append(jobs, r.list...)
	}
	return jobs, nil
}
