// Package compat keeps what each release has written to disk, and proves that this version still reads it.
//
// A directory per release has data.tar.gz, the data directories of a server and of an agent; expect.json, what is to be
// read from them; and commit, from which the release was built. record.sh makes one; see docs/RELEASING.md. What is here is
// never changed.
package compat
