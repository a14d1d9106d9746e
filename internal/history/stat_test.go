package history

import "testing"

func TestPercentilesAreValuesThatOccurred(t *testing.T) {
	upTo := func(n int64) (values []int64) {
		for i := n; i >= 1; i-- {
			values = append(values, i)
		}
		return values
	}
	for n, want := range map[int64][3]int64{1: {1, 1, 1}, 2: {1, 2, 2}, 3: {2, 3, 3}, 20: {10, 19, 20}, 21: {11, 20, 21}, 100: {50, 95, 100}} {
		p := percentiles(upTo(n))
		if got := [3]int64{p.P50, p.P95, p.Max}; got != want {
			t.Errorf("1 to %d: %v, want %v", n, got, want)
		}
	}
}
