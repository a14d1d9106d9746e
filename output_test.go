package dkron

import (
	"bytes"
	"testing"
)

func TestAnOutputComesApartWhereItWasCut(t *testing.T) {
	head, tail := bytes.Repeat([]byte("h"), 100), bytes.Repeat([]byte("t"), 1000)
	for _, cut := range []uint64{1, 9, 10, 99, 100, 12345, 1 << 40} {
		total := uint64(len(head)+len(tail)) + cut
		if total <= uint64(len(head)+len(tail)+len(GapMark(cut, total))) {
			continue // the cut makes room for the mark, so more is cut than exceeds the limit
		}
		lines := append([]byte(GapMark(5, 7)), head...) // a line that looks like the mark
		e := Execution{OutputSize: total + uint64(len(lines)-len(head))}
		e.Output = append(append(bytes.Clone(lines), GapMark(cut, e.OutputSize)...), tail...)
		if a, b := e.Parts(); !bytes.Equal(a, lines) || !bytes.Equal(b, tail) {
			t.Errorf("%d cut: %q and %q", cut, a, b)
		}
	}
	whole := Execution{Output: head, OutputSize: 100}
	if a, b := whole.Parts(); !bytes.Equal(a, head) || b != nil {
		t.Errorf("%q and %q", a, b)
	}
	end := Execution{Output: tail, OutputSize: 5000} // without a mark it is the end of the output
	if a, b := end.Parts(); a != nil || !bytes.Equal(b, tail) {
		t.Errorf("%q and %q", a, b)
	}
}

func TestALongOutputIsCollectedAsItsStartAndItsEnd(t *testing.T) {
	for _, size := range []int{0, 1, HeadSize, HeadSize + 1, MaxOutput, MaxOutput + 1, 3 * MaxOutput} {
		whole := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		for _, step := range []int{7_001, 300_000} {
			var c Collected
			for rest := whole; len(rest) > 0; rest = rest[min(step, len(rest)):] {
				if n, err := c.Write(rest[:min(step, len(rest))]); n != min(step, len(rest)) || err != nil {
					t.Fatal(n, err)
				}
			}
			kept, total := c.Kept()
			e := Execution{Output: kept, OutputSize: total}
			head, tail := e.Parts()
			switch {
			case total != uint64(size) || len(kept) > MaxOutput:
				t.Errorf("%d bytes: %d kept of %d", size, len(kept), total)
			case size <= MaxOutput && !bytes.Equal(kept, whole):
				t.Errorf("%d bytes are not kept whole", size)
			case size > MaxOutput && (!bytes.Equal(head, whole[:HeadSize]) || len(tail) < tailSize-markRoom || !bytes.HasSuffix(whole, tail)):
				t.Errorf("%d bytes: a head of %d and a tail of %d", size, len(head), len(tail))
			}
		}
	}
}
