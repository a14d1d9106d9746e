package dkron

import "bytes"

// PlainText returns a text without the escape sequences that terminals take for colours, titles and links.
func PlainText(text []byte) []byte {
	if bytes.IndexByte(text, 0x1b) < 0 {
		return text
	}
	return escapes.ReplaceAll(text, nil)
}
