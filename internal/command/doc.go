// Package command is the vocabulary of the log: everything that can change the state. One file is one command: its
// fields, and Apply, which is a function of the transaction and the fields alone. Time, ids and choices are stamped by
// whoever proposes; nothing here reads a clock or a random number, so that every server arrives at the same state.
//
// Apply refuses before it writes: its error means that nothing was changed, and reaches the caller. All entries of a
// batch share one transaction.
package command
