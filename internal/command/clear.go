package command

import (
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Clear deletes a job's executions and counters.
type Clear struct{ Name string }

// Fields describes the wire form.
func (c *Clear) Fields(w *codec.Wire) { w.String(1, &c.Name) }

// Apply clears the history; running executions will be its first entries.
func (c *Clear) Apply(tx *state.Tx) (any, error) {
	j, p, err := tx.Record(c.Name)
	if err != nil {
		return nil, err
	}
	note(tx, dkron.AuditHistory, j.Name, "executions and counters cleared")
	p.SuccessCount, p.ErrorCount, p.Status = 0, 0, ""
	p.LastSuccess, p.LastError = time.Time{}, time.Time{}
	p.Cleared = p.Executions
	p.Forget()
	tx.PutProgress(j.Number, p)
	if err := tx.Trim(j.Number); err != nil {
		return nil, err
	}
	return &dkron.Record{Job: *j, Progress: *p}, nil
}
