// Package app is the composition root: it builds the rooms in one straight line, starts them in order, and stops them
// by name in reverse order. It decides nothing. Only cmd and tests import it; with Start, both can embed a node.
package app
