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
