package dkron

import (
	"bytes"
	"fmt"
)

// GapMark is the line that stands for the bytes of a long output that were not kept, between its head and its tail.
func GapMark(cut, total uint64) string {
	return fmt.Sprintf("\n[... %d of %d bytes not kept ...]\n", cut, total)
}

// Parts takes the kept output apart: head is its first bytes and tail its last, OutputSize says where that is. Of an
// output that was kept whole all is head.
func (e *Execution) Parts() (head, tail []byte) {
	kept := uint64(len(e.Output))
	if e.OutputSize <= kept {
		return e.Output, nil
	}
	// How many bytes are missing follows from how long the mark is, and that from how many digits the number has.
	bare := uint64(len(GapMark(0, e.OutputSize))) - 1
	for digits := uint64(1); digits <= 20; digits++ {
		mark := GapMark(e.OutputSize-kept+bare+digits, e.OutputSize)
		if uint64(len(mark)) != bare+digits {
			continue
		}
		if head, tail, ok := bytes.Cut(e.Output, []byte(mark)); ok {
			return head, tail
		}
	}
	return nil, e.Output
}
