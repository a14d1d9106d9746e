package launchform

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"dkron"
)

func TestOutputIsBounded(t *testing.T) {
	long := bytes.Repeat([]byte("é"), dkron.MaxOutput/2)
	text := OutputText(&dkron.Execution{Error: "exit status 1", Output: long})
	if len(text) > dkron.MaxOutput || len(text) < dkron.MaxOutput-4 || !bytes.HasPrefix(text, []byte("exit status 1\né")) || !utf8.Valid(text) {
		t.Errorf("%d bytes, %q", len(text), text[:20])
	}
	text = OutputText(&dkron.Execution{Error: strings.Repeat("x", dkron.MaxOutput+5)})
	if len(text) != dkron.MaxOutput {
		t.Errorf("%d bytes", len(text))
	}
	for limit, want := range map[int]string{0: "", 1: "b", 2: "b", 3: "éb", 4: "aéb", 9: "aéb"} {
		if got := string(Tail([]byte("aéb"), limit)); got != want {
			t.Errorf("last %d bytes: %q, want %q", limit, got, want)
		}
	}
}
