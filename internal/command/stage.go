package command

import (
	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Stage puts a part of a restore aside that is too large for one entry. Nothing comes of it until a Restore names it;
// the first part of another restore throws it away.
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

// Apply puts the part aside.
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

// records is a list of jobs as it is put aside.
type records struct{ list []dkron.Record }

func (r *records) Fields(w *codec.Wire) { codec.List(w, 1, &r.list) }

// staged returns all jobs that were put aside in parts.
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
