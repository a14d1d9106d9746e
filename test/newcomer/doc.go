// Package newcomer follows the checklists of CONTRIBUTING.md: each test adds a toy to a copy of the tree, touching the
// files that the checklist names and no others, and has the checks of the rooms look at it.
package newcomer
