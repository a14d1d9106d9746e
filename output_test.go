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
			continue // room is made for the mark: more is cut than it takes
		}
		lines := append([]byte(GapMark(5, 7)), head...) // somebody's own words
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
	end := Execution{Output: tail, OutputSize: 5000} // without a mark it can only be the end
	if a, b := end.Parts(); a != nil || !bytes.Equal(b, tail) {
		t.Errorf("%q and %q", a, b)
	}
}
