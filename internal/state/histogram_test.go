package state

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPercentilesAreWithinAnEighthAndTheLargestIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.OneOf(rapid.Uint64Range(0, 20), rapid.Uint64Range(0, 5000), rapid.Uint64Range(0, maxBucketed))
		values := rapid.SliceOfN(sizes, 1, 100).Draw(t, "ms")
		var h Histogram
		for _, ms := range values {
			h.Add(time.Duration(ms) * time.Millisecond)
		}
		slices.Sort(values)
		var below uint64
		for _, percent := range []uint64{50, 95, 100} {
			want := values[(uint64(len(values))*percent+99)/100-1]
			got := h.Percentile(percent)
			if diff := max(got, want) - min(got, want); diff*8 > want {
				t.Fatalf("p%d is %d, of %v it is %d", percent, got, values, want)
			}
			if got < below || got > h.Max {
				t.Fatalf("p%d is %d, below it %d, the largest %d", percent, got, below, h.Max)
			}
			below = got
		}
		if h.Max != values[len(values)-1] || h.Count() != uint64(len(values)) {
			t.Fatalf("%d values up to %d of %v", h.Count(), h.Max, values)
		}
	})
}

func TestMergedHistogramsAreAsIfOneHadCountedAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a, b, all Histogram
		for _, ms := range rapid.SliceOf(rapid.Int64Range(-5, 1<<28)).Draw(t, "ms") {
			d := time.Duration(ms) * time.Millisecond
			all.Add(d)
			if rapid.Bool().Draw(t, "first") {
				a.Add(d)
			} else {
				b.Add(d)
			}
		}
		a.Merge(&b)
		if !reflect.DeepEqual(a, all) {
			t.Fatalf("%+v, want %+v", a, all)
		}
	})
}

func TestOfAnEmptyHistogramAllIsZero(t *testing.T) {
	var h Histogram
	if h.Percentile(50) != 0 || h.Percentile(95) != 0 || h.Count() != 0 {
		t.Errorf("%+v", h)
	}
}

func TestBucketsFollowEachOtherWithoutAGap(t *testing.T) {
	last := bucket(0)
	for ms := uint64(1); ms < 1<<14; ms++ {
		i := bucket(ms)
		if i != last && i != last+1 {
			t.Fatalf("%d ms is in bucket %d, %d ms in %d", ms-1, last, ms, i)
		}
		last = i
	}
	if i := bucket(maxBucketed); i != 8+24*4-1 {
		t.Errorf("the last bucket is %d", i)
	}
}
