package state

import (
	"math/bits"
	"time"

	"dkron/internal/codec"
)

// Histogram counts durations in whole milliseconds by size. Up to 7 ms each value has a bucket; above that, each power
// of two is divided into four buckets of equal width, so that the middle of a bucket is within an eighth of every value
// in it. The bounds are part of the state: other bounds need another field.
type Histogram struct {
	Counts []uint64 // by bucket, up to the last that is not zero
	Max    uint64   // the largest, exactly
}

const (
	exactBuckets = 8
	maxBucketed  = 1<<27 - 1 // 37 hours; larger values count as this one
)

// Fields describes the wire form.
func (h *Histogram) Fields(w *codec.Wire) {
	w.Uints(1, &h.Counts)
	w.Uint(2, &h.Max)
}

// Add counts a duration; one below zero counts as zero.
func (h *Histogram) Add(d time.Duration) {
	ms := uint64(max(0, d.Milliseconds()))
	i := bucket(min(ms, maxBucketed))
	h.grow(i + 1)
	h.Counts[i]++
	h.Max = max(h.Max, ms)
}

// Merge adds the counts of another histogram.
func (h *Histogram) Merge(o *Histogram) {
	h.grow(len(o.Counts))
	for i, n := range o.Counts {
		h.Counts[i] += n
	}
	h.Max = max(h.Max, o.Max)
}

func (h *Histogram) grow(size int) {
	if missing := size - len(h.Counts); missing > 0 {
		h.Counts = append(h.Counts, make([]uint64, missing)...)
	}
}

// Count returns how many durations were counted.
func (h *Histogram) Count() (n uint64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Percentile returns, to within an eighth, the smallest value in milliseconds that this percentage of all values does
// not exceed; 0 if there are none.
func (h *Histogram) Percentile(percent uint64) uint64 {
	rank := (h.Count()*percent + 99) / 100
	var seen uint64
	for i, n := range h.Counts {
		if seen += n; n > 0 && seen >= rank {
			return min(middle(i), h.Max)
		}
	}
	return h.Max
}

func bucket(ms uint64) int {
	if ms < exactBuckets {
		return int(ms)
	}
	power := bits.Len64(ms) - 1
	quarter := ms >> (power - 2) & 3
	return exactBuckets + (power-3)*4 + int(quarter)
}

// middle returns the value that represents a bucket.
func middle(i int) uint64 {
	if i < exactBuckets {
		return uint64(i)
	}
	power, quarter := (i-exactBuckets)/4+3, uint64((i-exactBuckets)%4)
	width := uint64(1) << (power - 2)
	return (4+quarter)*width + (width-1)/2
}
