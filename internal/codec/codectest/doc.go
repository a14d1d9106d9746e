// Package codectest proves that the wire form of a package's types stays as it is on people's disks. Only tests use it.
//
// A package with types that have a Fields method keeps their golden bytes in testdata/wire.txt: a line per field with its
// number, its type, the release that had it first, its name, and the bytes of an example. A field that is renumbered,
// retyped or dropped fails the test. A new field is added to the file with -update, which changes nothing else.
package codectest
