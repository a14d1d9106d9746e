// Package guide proves that what the guide tells people to type works: it runs the marked fenced blocks of
// docs/guide/*.md against a node that was just started with `dkron agent --dev`.
//
// A line `<!-- test -->` above a block of sh marks it. The marked blocks of a page run in order, each in its own shell
// with set -eu, in a common empty directory. localhost:8080 and 127.0.0.1:6868 are replaced by the node's addresses; that of its API is also in
// $DKRON_URL. curl also fails if the server answers an error.
//
// A line `<!-- output -->` above the block of json or text that follows contains the expected output. In it, … matches
// anything, and line breaks and indentation don't matter.
package guide
