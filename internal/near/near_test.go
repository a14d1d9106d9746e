package near

import "testing"

func TestDistanceCountsWhatMustChange(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"ab", "cab", 1}, {"kitten", "sitting", 3},
		{"header", "headers", 1}, {"ab", "ba", 1}, {"é", "e", 2}, {"puase", "pause", 1}, {"abc", "ca", 3},
	} {
		if got := Distance(test.a, test.b); got != test.want {
			t.Errorf("%q to %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
