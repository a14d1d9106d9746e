//go:build !nextprotocol

package compat

const (
	// Release is the release that this source becomes. A build names itself more exactly; see version in cmd/dkron.
	Release = "0.2.0"
	// Protocol is the newest protocol that this build speaks. It is raised when an entry of the log gets a kind or a field
	// that the release before does not know, and at most once between two releases.
	Protocol = 2
)
