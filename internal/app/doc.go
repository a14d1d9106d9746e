// Package app is the composition root: it builds the rooms in one straight line, starts them in order, and stops them
// by name in the reverse order. Only cmd and tests import it.
package app
