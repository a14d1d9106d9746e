package keyring

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func FuzzSealedKey(f *testing.F) {
	sealed, err := seal(key("a"), key("b"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[:12])
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := unseal(keys("ca"), data); err == nil && !bytes.Equal(got, key("b")) {
			t.Errorf("%x opens as %x", data, got)
		}
	})
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"keys":["MDEyMzQ1Njc4OWFiY2RlZg=="],"setting":"x"}`))
	f.Add([]byte(`{"keys":[null]}`))
	path := filepath.Join(f.TempDir(), "keyring")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path, nil, quiet)
		if err == nil && len(r.Keys()) == 0 {
			t.Error("a file without keys switches encryption off")
		}
	})
}
