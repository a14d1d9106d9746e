package state

import (
	"bytes"

	"dkron"
)

const (
	// inlineOutput is how many bytes of output are kept in the record itself; larger outputs are stored apart.
	inlineOutput = 1024
	// pieceSize is the size of the pieces of larger outputs: two fill two pages of 4 KiB exactly. Pieces of one size
	// leave holes of one size, which the next pieces fit into.
	pieceSize = 4056
)

// putOutput stores the output of a record apart from it.
func (tx *Tx) putOutput(record uint64, out []byte) error {
	for part := uint64(0); len(out) > 0; part++ {
		n := min(len(out), pieceSize)
		if err := tx.putRaw(tableOutput, key(record, part), out[:n:n]); err != nil {
			return err
		}
		out = out[n:]
	}
	return nil
}

// readOutput fills in the output of a record that was read.
func (tx *Tx) readOutput(e *dkron.Execution) error {
	if e.Apart == 0 {
		return nil
	}
	prefix := key(e.Number)
	out := make([]byte, 0, e.Apart)
	c := tx.bolt.Bucket(tableOutput).Cursor()
	for k, piece := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, piece = c.Next() {
		out = append(out, piece...)
	}
	e.Output, e.Apart = out, 0
	return nil
}

// removeOutput removes the output stored apart from a record.
func (tx *Tx) removeOutput(e *dkron.Execution) error {
	pieces := (e.Apart + pieceSize - 1) / pieceSize
	for part := range pieces {
		if err := tx.remove(tableOutput, key(e.Number, part)); err != nil {
			return err
		}
	}
	return nil
}

// recordedSize returns how many bytes of output a record of the history had when it was made.
func recordedSize(e *dkron.Execution) uint64 {
	if e.Replaced != nil {
		return e.Replaced.Size
	}
	return outputSize(e)
}

// outputSize returns how many bytes of output a record of the history has, wherever they are stored.
func outputSize(e *dkron.Execution) uint64 { return uint64(len(e.Output)) + e.Apart }
