// Package compat is what versions of dkron know of each other: the release, the format of a data directory, and the
// protocol that nodes speak. See docs/adr/0028-data-format-and-protocol.md.
package compat

// Format is the format of a data directory: of everything in it that this build writes, which includes the log, the
// state, the journal and the snapshots. It is raised by a change that older versions can't read. Data of a lower format,
// or of none, is read as it is.
const Format = 1

// Oldest is the oldest protocol that this build speaks: 0 is that of versions that announce none. Release and Protocol are
// in a file of their own, as a build for tests has others.
const Oldest = 0
