package index

import (
	"encoding/binary"
	"iter"
	"strings"

	"dkron/internal/codec"
)

// Labels is a map of strings packed into one string: each key and value after its length, in order of key. A map of
// three pairs takes some 340 bytes in many places of memory; this takes the text and a byte or two per word, and
// comparing with a pair reads it from front to back.
type Labels string

// NewLabels packs a map.
func NewLabels(m map[string]string) Labels {
	size := 0
	for k, v := range m {
		size += len(k) + len(v) + 2*binary.MaxVarintLen32
	}
	out := make([]byte, 0, size)
	for _, k := range codec.SortedKeys(m) {
		out = appendWord(appendWord(out, k), m[k])
	}
	return Labels(out)
}

func appendWord(out []byte, word string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(word))), word...)
}

// Has reports whether the pair is among the labels.
func (l Labels) Has(key, value string) bool {
	for rest := string(l); rest != ""; {
		var k, v string
		k, rest = cutWord(rest)
		v, rest = cutWord(rest)
		if k == key {
			return v == value
		}
	}
	return false
}

// All yields the pairs in order of key.
func (l Labels) All() iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		for rest := string(l); rest != ""; {
			var k, v string
			k, rest = cutWord(rest)
			v, rest = cutWord(rest)
			if !yield(k, v) {
				return
			}
		}
	}
}

// cutWord splits the first word off packed labels.
func cutWord(s string) (word, rest string) {
	size, head := int(s[0]), 1
	if size >= 0x80 {
		size, head = longWord(s)
	}
	return s[head : head+size], s[head+size:]
}

func longWord(s string) (size, head int) {
	n, head := binary.Uvarint([]byte(s[:min(len(s), binary.MaxVarintLen32)]))
	return int(n), head
}

// words joins texts so that no search finds a match across two of them: the separator is a line break, which can't be
// part of a search word.
func words(text ...string) string { return strings.Join(text, "\n") }
