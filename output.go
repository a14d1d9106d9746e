package dkron

import (
	"bytes"
	"fmt"
)

// GapMark is the line between head and tail of a long output, in place of the bytes that were not kept.
func GapMark(cut, total uint64) string {
	return fmt.Sprintf("\n[... %d of %d bytes not kept ...]\n", cut, total)
}

// Parts splits the kept output: head is its first bytes and tail its last. If all of the output was kept, tail is
// empty.
func (e *Execution) Parts() (head, tail []byte) {
	kept := uint64(len(e.Output))
	if e.OutputSize <= kept {
		return e.Output, nil
	}
	// The number of missing bytes depends on the length of the mark, and that on the number of digits.
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
