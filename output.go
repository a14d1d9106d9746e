package dkron

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

const (
	// HeadSize is how much of the start of a long output is kept; the rest is its end.
	HeadSize = 16_000
	// TailSize is how much of the end of a long output is collected.
	TailSize = MaxOutput - HeadSize
	// markRoom is how much of the tail is replaced by the mark between head and tail.
	markRoom = 100
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

// JoinParts returns a long output as it is kept: its first bytes, a mark, and its last TailSize bytes without those that the mark
// replaces. No character is cut in two.
func JoinParts(head, tail []byte, total uint64) []byte {
	for i := len(head) - 1; i >= max(0, len(head)-utf8.UTFMax); i-- {
		if utf8.RuneStart(head[i]) {
			if !utf8.FullRune(head[i:]) {
				head = head[:i]
			}
			break
		}
	}
	tail = tail[min(markRoom, len(tail)):]
	for i := 0; i < utf8.UTFMax-1 && len(tail) > 0 && !utf8.RuneStart(tail[0]); i++ {
		tail = tail[1:]
	}
	mark := GapMark(total-uint64(len(head))-uint64(len(tail)), total)
	return append(append(append([]byte(nil), head...), mark...), tail...)
}

// Collected collects an output: all of it up to MaxOutput, else what JoinParts keeps. The zero value is empty.
type Collected struct {
	head, tail []byte
	total      uint64
}

// Write adds to the output. It never fails.
func (c *Collected) Write(p []byte) (int, error) {
	n := len(p)
	c.total += uint64(n)
	room := min(HeadSize-len(c.head), n)
	c.head, p = append(c.head, p[:room]...), p[room:]
	if c.tail = append(c.tail, p...); len(c.tail) > 2*TailSize {
		c.tail = append(c.tail[:0], c.tail[len(c.tail)-TailSize:]...)
	}
	return n, nil
}

// Kept returns what is kept, and how much was written.
func (c *Collected) Kept() (output []byte, total uint64) {
	tail := c.tail[max(0, len(c.tail)-TailSize):]
	if c.total == uint64(len(c.head)+len(tail)) {
		return append(bytes.Clone(c.head), tail...), c.total
	}
	return JoinParts(c.head, tail, c.total), c.total
}
