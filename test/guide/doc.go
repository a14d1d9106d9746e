// Package guide proves that what the guide tells people to type works: the fenced blocks of docs/guide/*.md that are
// marked run against a node that was just started with `dkron agent --dev`.
//
// A line `<!-- test -->` above a block of sh marks it. The marked blocks of a page run in order, each in a shell of its
// own with set -eu, in a common empty directory. localhost:8080 is the address of the node; it is in $DKRON_URL too. curl
// also fails where the server answers an error.
//
// A line `<!-- output -->` above the block of json or text that follows says what it prints. There, … stands for anything,
// and how the text is broken and indented does not matter.
package guide
