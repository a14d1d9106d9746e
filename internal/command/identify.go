package command

import (
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Identify gives the cluster its id, once: the first leader of a cluster that has none proposes one.
type Identify struct{ Cluster string }

// Fields describes the wire form.
func (c *Identify) Fields(w *codec.Wire) { w.String(1, &c.Cluster) }

// Apply stores the id, unless the cluster already has one.
func (c *Identify) Apply(tx *state.Tx) (any, error) {
	if tx.Cluster() == "" && c.Cluster != "" {
		tx.SetCluster(c.Cluster)
	}
	return nil, nil
}
