//go:build nextprotocol

package command

import "dkron/internal/codec"

// next is what a release could add to Fire. A test upgrades a cluster to this build and back: test/cluster/upgrade_test.go.
type next struct{ Extra string }

func (n *next) fields(w *codec.Wire) {
	w.Since(3)
	w.String(4, &n.Extra)
}
