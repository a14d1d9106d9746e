package agent

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dkron"
	"dkron/plugin"
)

var mark = regexp.MustCompile(`\n\[\.\.\. (\d+) of (\d+) bytes not kept \.\.\.\]\n`)

// checkKept says what is wrong with what is kept of all.
func checkKept(all, kept []byte, total uint64) error {
	if total != uint64(len(all)) {
		return fmt.Errorf("the total is %d of %d", total, len(all))
	}
	if len(all) <= dkron.MaxOutput {
		if !bytes.Equal(all, kept) {
			return fmt.Errorf("%d bytes are not kept as they are", len(all))
		}
		return nil
	}
	if len(kept) > dkron.MaxOutput || len(kept) < dkron.MaxOutput-200 {
		return fmt.Errorf("%d bytes are kept", len(kept))
	}
	at := mark.FindSubmatchIndex(kept)
	if at == nil {
		return fmt.Errorf("no mark")
	}
	head, tail := kept[:at[0]], kept[at[1]:]
	cut, _ := strconv.Atoi(string(kept[at[2]:at[3]]))
	of, _ := strconv.Atoi(string(kept[at[4]:at[5]]))
	first, last := (&dkron.Execution{Output: kept, OutputSize: total}).Parts()
	switch {
	case !bytes.Equal(first, head) || !bytes.Equal(last, tail):
		return fmt.Errorf("it comes apart into %d and %d bytes, not %d and %d", len(first), len(last), len(head), len(tail))
	case of != len(all) || cut != len(all)-len(head)-len(tail):
		return fmt.Errorf("the mark says %d of %d, cut are %d of %d", cut, of, len(all)-len(head)-len(tail), len(all))
	case len(head) > dkron.HeadSize || len(head) < dkron.HeadSize-3:
		return fmt.Errorf("a head of %d", len(head))
	case !bytes.HasPrefix(all, head):
		return fmt.Errorf("the head is not the beginning")
	case !bytes.HasSuffix(all, tail):
		return fmt.Errorf("the tail is not the end")
	case utf8.Valid(all) && !utf8.Valid(kept):
		return fmt.Errorf("a character is cut in two")
	}
	return nil
}

func TestOutputKeepsHeadAndTail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]string{"a", "é", "€", "😀", "ab€", "\xff", "x\n"}).Draw(t, "unit")
		size := rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(dkron.HeadSize-10, dkron.HeadSize+10),
			rapid.IntRange(dkron.MaxOutput-300, dkron.MaxOutput+300), rapid.IntRange(0, 3*dkron.MaxOutput)).Draw(t, "size")
		all := []byte(strings.Repeat("-", rapid.IntRange(0, 4).Draw(t, "shift")) + strings.Repeat(unit, size/len(unit)))
		for i := range all { // each place its own, where a character is one byte
			if all[i] == 'a' {
				all[i] = 'a' + byte(i*7919%26)
			}
		}
		o := new(output)
		for rest := all; len(rest) > 0; {
			n := rapid.OneOf(rapid.IntRange(1, len(rest)), rapid.IntRange(min(len(rest), 20_000), len(rest))).Draw(t, "n")
			o.write(rest[:n])
			rest = rest[n:]
		}
		kept, total := o.end()
		if err := checkKept(all, kept, total); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOutputCutsNoCharacterInTwo(t *testing.T) {
	for _, unit := range []string{"é", "€", "😀"} {
		for shift := range 4 {
			for extra := range 4 {
				all := []byte(strings.Repeat("-", shift) + strings.Repeat(unit, 400_000/len(unit)) + strings.Repeat("+", extra))
				o := new(output)
				o.write(all)
				kept, total := o.end()
				if err := checkKept(all, kept, total); err != nil {
					t.Errorf("%s behind %d: %v", unit, shift, err)
				}
			}
		}
	}
}

func TestOutputOfExactlyTheLimitIsKeptWhole(t *testing.T) {
	for _, n := range []int{dkron.HeadSize, dkron.HeadSize + 1, dkron.MaxOutput - 100, dkron.MaxOutput - 99, dkron.MaxOutput, dkron.MaxOutput + 1} {
		all := bytes.Repeat([]byte("abcdefg"), n/7+1)[:n]
		o := new(output)
		o.write(all)
		kept, total := o.end()
		if err := checkKept(all, kept, total); err != nil {
			t.Errorf("%d: %v", n, err)
		}
	}
}

func TestLongOutputIsReportedBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		all := bytes.Repeat([]byte("0123456789"), 100_000)
		a := open(t, t.TempDir(), &executor{do: func(_ context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			if r.JobName == "response" {
				return &plugin.ExecuteResponse{Output: all}, nil
			}
			s.Write(all, false)
			return &plugin.ExecuteResponse{}, nil
		}})
		l := attach(t, a, 1)
		for n, name := range []string{"response", "status"} {
			l.order(order(name, uint64(n)))
			r := l.only()
			if err := checkKept(all, r.Output, r.OutputSize); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestOutputIsStreamedWithItsPlace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var all []byte
		for n := range 150_000 {
			all = fmt.Appendf(all, "%d ", n)
		}
		const pause = 1100 * time.Millisecond // its end is never the moment of a beat
		a := open(t, t.TempDir(), &executor{do: func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			s.Write(all[:10], false)
			time.Sleep(pause)
			s.Write(all[10:20], false)
			s.Write(all[20:30], true)
			time.Sleep(pause)
			s.Write(all[30:600_000], false) // more than is streamed in a beat
			s.Write(all[600_000:600_010], false)
			time.Sleep(pause)
			s.Write(all[600_010:600_020], false)
			time.Sleep(pause)
			return &plugin.ExecuteResponse{Output: []byte("replaced")}, nil
		}})
		l := attach(t, a, 1)
		o := order("job", 1)
		l.order(o)
		time.Sleep(10 * time.Second)
		next, gap := uint64(0), uint64(0)
		for _, m := range l.messages() {
			for _, c := range m.Chunks {
				if c.Key != o.Key || c.Offset < next || !bytes.HasPrefix(all[c.Offset:], c.Data) {
					t.Fatalf("chunk of %d bytes at %d after %d", len(c.Data), c.Offset, next)
				}
				gap += c.Offset - next
				next = c.Offset + uint64(len(c.Data))
			}
		}
		if next != 600_020 || gap != 600_010-30-maxPending {
			t.Fatalf("streamed up to %d with gaps of %d; of the burst the first %d bytes are to come", next, gap, maxPending)
		}
	})
}
