package respond

import (
	"net/http"
	"testing"
)

func TestTheCodingThatTheClientLikesBestIsChosen(t *testing.T) {
	for accept, want := range map[string]string{
		"": "", "br": "br", "gzip": "gzip", "gzip, br": "br", "gzip;q=0.9, br;q=0.8": "gzip", "*": "br", "br;q=0, *": "gzip",
		"gzip;q=0": "", "gzip; q=0, br;q=0": "", "identity, gzip;q=0.5": "", "identity;q=0.5, gzip": "gzip", "GZIP": "gzip", "deflate": "",
	} {
		r := &http.Request{Header: http.Header{"Accept-Encoding": {accept}}}
		if got := Coding(r, "br", "gzip"); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
}
