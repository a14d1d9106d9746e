package secret

import (
	"bytes"
	"strings"
	"testing"
)

// Authors of jobs write references, and whoever sets a secret writes its value.
func FuzzReferences(f *testing.F) {
	f.Add("a ${secret:x} b", "v,1", "env")
	f.Add(`{"a":"${secret:x}"}`, "say \"hi\"\n", "body")
	f.Add("JHtzZWNyZXQ6eH0=", "v", "payload")
	f.Add("$${secret:x} ${secret:${secret:x}}", "${secret:x}", "k")
	f.Fuzz(func(t *testing.T, text, value, key string) {
		config := map[string]string{key: text}
		values := map[string]string{}
		for _, name := range In(config) {
			if CheckName(name) != nil {
				t.Errorf("%q refers to %q, which can be no secret", text, name)
			}
			values[name] = value
		}
		filled, err := Fill(config, values)
		if err != nil {
			t.Errorf("all values are there: %v", err)
		}
		if len(values) > 0 {
			if _, err := Fill(config, nil); err == nil {
				t.Errorf("%q is filled without a value", text)
			}
		}
		if len(values) == 0 && !strings.Contains(text, "${") && !maybe(text) && filled[key] != text {
			t.Errorf("%q became %q", text, filled[key])
		}
	})
}

// However an output comes in pieces, it has no value of a secret.
func FuzzMask(f *testing.F) {
	f.Add("hunter2", []byte("a hunter2 b"), 4)
	f.Add("two lines\nof secret", []byte("two lines\r\nof secret"), 1)
	f.Add("aaaa", []byte("aaaaaaaaa"), 3)
	f.Add("abab", []byte("xababab ababab"), 2)
	f.Fuzz(func(t *testing.T, value string, output []byte, size int) {
		r := NewRedactor(value)
		if r == nil || len(output) > 4096 || len(value) > 512 {
			return
		}
		whole := r.Bytes(output)
		var pieces []byte
		for rest := output; len(rest) > 0; {
			n := min(max(size%64, 1), len(rest))
			pieces = append(pieces, r.Write(rest[:n])...)
			rest = rest[n:]
		}
		pieces = append(pieces, r.End()...)
		if !bytes.Equal(whole, pieces) {
			t.Errorf("%q, masked: %q in one piece, %q in pieces of %d", output, whole, pieces, size)
		}
		hidden := strings.TrimSpace(value)
		if !strings.Contains(hidden, "*") && bytes.Contains(whole, []byte(hidden)) { // the mask itself may be a part of a value
			t.Errorf("%q is in %q", hidden, whole)
		}
	})
}

func FuzzSealed(f *testing.F) {
	keys, err := NewKeys(bytes.Repeat([]byte("k"), keySize))
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := keys.Seal("db", "hunter2")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("db", sealed)
	f.Add("db", sealed[:9])
	f.Add("", []byte{version})
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		value, err := keys.Open(name, data)
		if err == nil && (name != "db" || value != "hunter2") {
			t.Errorf("%x, for %q, opens as %q", data, name, value)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n# old\nhunter2-hunter2-hunter2")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := ParseKeys(text); err != nil {
			for line := range strings.Lines(text) {
				if line = strings.TrimSpace(line); len(line) > 20 && strings.Contains(err.Error(), line) {
					t.Errorf("the error repeats a key: %v", err)
				}
			}
		}
	})
}
