package near

import "testing"

func TestNearestSuggestsOnlyWhatIsSimilar(t *testing.T) {
	known := []string{"retries", "retry_on", "dst.gap", "tags"}
	for key, want := range map[string]string{"retrys": "retries", "Retry-On": "retry_on", "dst.gab": "dst.gap", "tag": "tags", "tgas": "tags", "colour": ""} {
		if got := Nearest(key, known); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}
