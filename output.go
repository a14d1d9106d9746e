package dkron

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

const (
	// HeadSize is how much of the start of a long output is kept; the rest is its end.
	HeadSize = 16_000
	// tailSize is how much of the end of a long output is collected. A little less is kept.
	tailSize = MaxOutput - HeadSize
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

// Collected collects an output: all of it up to MaxOutput, otherwise its start and its end. The zero value is empty.
type Collected struct {
	head  []byte
	tail  []byte // ring of the bytes after head
	at    int    // where the next byte goes
	total uint64
}

// Write adds to the output. It never fails.
func (c *Collected) Write(p []byte) (int, error) {
	written := len(p)
	c.total += uint64(written)
	if room := HeadSize - len(c.head); room > 0 {
		n := min(room, len(p))
		c.head = append(c.head, p[:n]...)
		p = p[n:]
	}
	for len(p) > 0 {
		if len(c.tail) < tailSize {
			n := min(tailSize-len(c.tail), len(p))
			c.tail = append(c.tail, p[:n]...)
			p = p[n:]
			continue
		}
		n := copy(c.tail[c.at:], p)
		c.at = (c.at + n) % tailSize
		p = p[n:]
	}
	return written, nil
}

// Total returns how many bytes were written.
func (c *Collected) Total() uint64 { return c.total }

// Latest returns a copy of the end of the output, as far as it was collected without a gap.
func (c *Collected) Latest() []byte {
	var head []byte
	if c.whole() {
		head = c.head
	}
	return slices.Concat(head, c.tail[c.at:], c.tail[:c.at])
}

// whole reports whether all that was written is there.
func (c *Collected) whole() bool { return uint64(len(c.head)+len(c.tail)) == c.total }

// Kept returns a copy of what is kept, and how many bytes were written. Of a long output that is its start, a mark, and its end
// without as much as the mark needs. No character is cut in two.
func (c *Collected) Kept() (output []byte, total uint64) {
	if c.whole() {
		return c.Latest(), c.total
	}
	head, tail := c.head, slices.Concat(c.tail[c.at:], c.tail[:c.at])[markRoom:]
	for i := len(head) - 1; i >= max(0, len(head)-utf8.UTFMax); i-- {
		if utf8.RuneStart(head[i]) {
			if !utf8.FullRune(head[i:]) {
				head = head[:i]
			}
			break
		}
	}
	for i := 0; i < utf8.UTFMax-1 && len(tail) > 0 && !utf8.RuneStart(tail[0]); i++ {
		tail = tail[1:]
	}
	mark := GapMark(c.total-uint64(len(head))-uint64(len(tail)), c.total)
	return slices.Concat(head, []byte(mark), tail), c.total
}
