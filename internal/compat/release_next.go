//go:build nextprotocol

package compat

// What the release after this one could have: a test upgrades to it and back; see test/cluster/upgrade_test.go.
const (
	Release  = "0.3.0"
	Protocol = 3
)
